import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { publicLookup } from './public-lookup.js';

/** Below the five seconds after which many servers close what idles: who sends on a connection just then has a failure of it. */
const idleMs = 4_000;
/** Of the answer to a webhook nobody reads more than its status; this much is taken off the connection so that it can be used again. */
const mostAnswerBytes = 4_096;

export interface Reply {
  readonly status: number;
  /** What the receiver asks for by Retry-After in seconds; 0 where it does not. */
  readonly retryAfterMs: number;
}

/**
 * The receiver, over connections of its own: neither the proxies of the environment nor redirects are followed, since
 * both would connect to somewhere that nobody has looked at.
 */
export class WebhookEndpoint {
  readonly #url: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  readonly #request: (body: string, headers: Record<string, string>, signal: AbortSignal) => ClientRequest;

  constructor({ url, allowPrivate, mostConnections }: { url: string; allowPrivate: boolean; mostConnections: number }) {
    this.#url = new URL(url);
    const secure = this.#url.protocol === 'https:';
    const options = { keepAlive: true, timeout: idleMs, maxSockets: mostConnections, ...(allowPrivate ? {} : { lookup: publicLookup }) };
    this.#agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
    const request = secure ? httpsRequest : httpRequest;
    this.#request = (body, headers, signal) =>
      request(this.#url, {
        method: 'POST',
        agent: this.#agent,
        signal,
        headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'switchboard' },
      }).end(body);
  }

  /** Resolves with what the receiver said, whatever that is; rejects where it said nothing, or `signal` came before. */
  async post(body: string, headers: Record<string, string>, signal: AbortSignal): Promise<Reply> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = this.#request(body, headers, signal).on('response', resolve).on('error', reject);
      // An offer of another protocol (101) ends the request with neither.
      request.on('close', () => reject(new Error('The receiver answered with what is no answer.')));
    });
    await drain(response);
    return { status: response.statusCode ?? 0, retryAfterMs: secondsOf(response.headers['retry-after']) * 1_000 };
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function drain(response: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostAnswerBytes) break;
    }
  } catch {
    // The status has been said; what breaks off behind it changes nothing.
  }
}

/** Dates are possible too and are not read: the usual delay is as good. */
function secondsOf(retryAfter: string | undefined): number {
  return /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : 0;
}
