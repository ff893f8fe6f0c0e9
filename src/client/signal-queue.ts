import { SwitchboardError } from './errors.js';
import type { SignalKind } from './gql/graphql.js';
import { retrying } from './retry.js';

/**
 * What the other side has sent: for the application where it is CUSTOM, or where the SDK has no peer connection.
 *
 * @example
 * ```ts
 * const isMuted = ({ payload }: Signal) => payload === 'muted';
 * call.on('signal', (signal) => console.log(isMuted(signal) ? 'They are muted.' : 'They can be heard.'));
 * await call.send('muted');
 * ```
 */
export interface Signal {
  readonly kind: SignalKind;
  readonly payload: string;
}

/** What waits to be sent in one call. */
interface Outgoing {
  readonly kind: SignalKind;
  payload: string;
  /** Of ICE_CANDIDATE: how many are in the payload. Null where nothing may be added to it. */
  candidates: number | null;
  readonly sent: PromiseWithResolvers<void>;
}

/** Sends one signal, durable when it resolves. The same key is delivered once. */
export type SendSignal = (signal: { kind: SignalKind; payload: string; key: string }) => Promise<unknown>;

/** Well below the server's limit of 32 KiB, which counts bytes. */
const longestBatch = 8_000;

/**
 * The signals of one call, in order. One is under way at a time: were there two, a retry of the first could arrive behind
 * the second. The candidates that gather meanwhile wait as one array.
 */
export class SignalQueue {
  readonly #send: SendSignal;
  readonly #onFailure: (error: Error) => void;
  readonly #waiting: Outgoing[] = [];
  readonly #closed = new AbortController();
  #isSending = false;

  /** `onFailure` is called for what cannot be sent; the others go on. */
  constructor({ send, onFailure }: { send: SendSignal; onFailure: (error: Error) => void }) {
    this.#send = send;
    this.#onFailure = onFailure;
  }

  /** Resolves when the server has it, rejects where it never will. */
  push(kind: SignalKind, payload: string): Promise<void> {
    const sent = Promise.withResolvers<void>();
    // Whoever does not wait for it is told by `onFailure`.
    sent.promise.catch(() => undefined);
    if (this.#closed.signal.aborted) sent.reject(callIsOver());
    else this.#waiting.push({ kind, payload, candidates: null, sent });
    if (!this.#isSending) void this.#sendAll();
    return sent.promise;
  }

  /** One candidate, as JSON; joins those that wait. */
  pushCandidate(candidate: string): void {
    const last = this.#waiting.at(-1);
    // The first is on its way while the queue sends.
    const mayJoin = last !== undefined && last.candidates !== null && !(this.#isSending && this.#waiting.length === 1);
    if (mayJoin && last.payload.length + candidate.length < longestBatch) {
      last.payload = last.candidates === 1 ? `[${last.payload},${candidate}]` : `${last.payload.slice(0, -1)},${candidate}]`;
      last.candidates = (last.candidates ?? 0) + 1;
      return;
    }
    void this.push('ICE_CANDIDATE', candidate);
    const pushed = this.#waiting.at(-1);
    if (pushed !== undefined) pushed.candidates = 1;
  }

  /** Nothing more is sent; what waits is forgotten. */
  close(): void {
    this.#closed.abort();
    for (const { sent } of this.#waiting.splice(0)) sent.reject(callIsOver());
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { kind, payload, sent } = next;
      const key = crypto.randomUUID();
      try {
        await retrying(() => this.#send({ kind, payload, key }), this.#closed.signal);
        sent.resolve();
      } catch (error) {
        sent.reject(error);
        if (!this.#closed.signal.aborted) this.#onFailure(error as Error);
      }
      this.#waiting.shift();
    }
    // In the turn of the last look: what is pushed in a later one starts anew.
    this.#isSending = false;
  }
}

function callIsOver(): SwitchboardError {
  return new SwitchboardError('CALL_STATE_CONFLICT', 'The call is over.');
}
