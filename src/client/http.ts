import { asSwitchboardError, ConnectionError } from './errors.js';
import type { Operation } from './operation.js';

const answersWithinMs = 15_000;

/** One operation over HTTP, anonymous: for what has to work without a socket, which is to sign in and to stay so. */
export async function post<Data, Variables>(
  url: string,
  operation: Operation<Data, Variables>,
  variables: Variables,
  withinMs: number = answersWithinMs,
): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: String(operation), variables }),
    signal: AbortSignal.timeout(withinMs),
  }).catch((cause: unknown) => {
    throw new ConnectionError(
      `No answer from ${url}: it cannot be reached, or CORS_ORIGINS of the server does not name the origin of this page.`,
      { cause },
    );
  });
  const answer = (await response.json().catch((cause: unknown) => {
    throw new ConnectionError(`What answers at ${url} is no Switchboard (status ${response.status}).`, {
      // A proxy in front of a server that restarts answers 502 to 504.
      isFinal: response.status < 500,
      cause,
    });
  })) as { data?: Data | null; errors?: unknown };
  if (answer.data == null) throw asSwitchboardError(answer.errors);
  return answer.data;
}
