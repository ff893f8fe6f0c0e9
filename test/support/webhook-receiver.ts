import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { until } from './until.js';

export const webhookSecret = `whsec_${Buffer.from('a secret of thirty-two bytes, no?').toString('base64')}`;

export interface WebhookBody {
  readonly type: string;
  readonly timestamp: string;
  readonly data: Readonly<Record<string, string | null>> & { readonly callId: string; readonly calleeId: string };
}

/** A try of a webhook whose signature was found right. */
export interface Heard extends WebhookBody {
  readonly id: string;
  readonly raw: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a receiver does with a try: a status that it answers, or what it does with the response itself. */
export type Answer = number | ((response: ServerResponse) => void);

/** A receiver of webhooks on this machine. It accepts all, unless it is told otherwise for those of a callee. */
export class WebhookReceiver {
  readonly #server: Server;
  readonly #answers = new Map<string, (heard: Heard, n: number) => Answer>();
  /** In the order in which they came. */
  readonly heard: Heard[] = [];
  readonly paths = new Set<string>();
  /** Tries that are not answered yet: now, and the most there were. */
  open = 0;
  mostOpen = 0;
  connections = 0;

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.#server.listen({ host: '127.0.0.1', port: 0 });
    await once(receiver.#server, 'listening');
    return receiver;
  }

  private constructor() {
    this.#server = createServer((request, response) => {
      this.open += 1;
      this.mostOpen = Math.max(this.mostOpen, this.open);
      response.once('close', () => (this.open -= 1));
      this.paths.add(request.url ?? '');
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => this.#hear(Buffer.concat(chunks).toString(), request.headers as Record<string, string>, response));
    });
    this.#server.on('connection', () => (this.connections += 1));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  /** With this a server tells it everything. */
  get environment(): Record<string, string> {
    return { WEBHOOK_URL: this.url, WEBHOOK_SECRET: webhookSecret, WEBHOOK_ALLOW_PRIVATE: 'on' };
  }

  /** What it answers to tries that are for a call of this callee; `n` counts those from 1. */
  answerFor({ userId }: { userId: string }, answer: (heard: Heard, n: number) => Answer): void {
    this.#answers.set(userId, answer);
  }

  of(callId: string): Heard[] {
    return this.heard.filter(({ data }) => data.callId === callId);
  }

  typesOf(callId: string): string[] {
    return this.of(callId).map(({ type }) => type);
  }

  /** The first try of that type for that call. */
  got(type: string, callId: string, withinMs = 10_000): Promise<Heard> {
    return until(`${type} of the call`, () => this.of(callId).find((heard) => heard.type === type), { withinMs });
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  #hear(raw: string, headers: Record<string, string>, response: ServerResponse): void {
    let body: WebhookBody;
    try {
      body = new Webhook(webhookSecret).verify(raw, headers) as WebhookBody;
    } catch {
      response.writeHead(401).end();
      return;
    }
    const heard = { ...body, id: headers['webhook-id'] ?? '', raw, headers };
    this.heard.push(heard);
    const { calleeId } = body.data;
    const n = this.heard.filter(({ data }) => data.calleeId === calleeId).length;
    const answer = this.#answers.get(calleeId)?.(heard, n) ?? 204;
    if (typeof answer === 'number') response.writeHead(answer).end();
    else answer(response);
  }
}
