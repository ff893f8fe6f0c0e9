/** What can happen to a peer in a call, in the order of a call that goes well. */
export type Step =
  | 'registered'
  | 'logged in'
  | 'connected'
  | 'createCall'
  | 'offer sent'
  | 'rings'
  | 'offer received'
  | 'ringing'
  | 'answer sent'
  | 'answered elsewhere'
  | 'declined too late'
  | 'answer received'
  | 'candidates received'
  | 'ICE connected'
  | 'data channel open'
  | 'busy'
  | 'cut off'
  | 'message received'
  | 'notes sent'
  | 'comes back'
  | 'back'
  | 'notes received'
  | 'hang up'
  | 'ended';

/** Who has come how far, said as it happens; whoever waits for a step waits here. */
export class Progress {
  readonly #say: (line: string) => void;
  readonly #at = new Map<string, number>();
  readonly #waiting = new Map<string, () => void>();
  readonly #startedAt = performance.now();
  #last = 'nothing';

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** The last thing that happened: what to tell where the rest did not. */
  get last(): string {
    return this.#last;
  }

  /** A step counts the first time. */
  mark(who: string, step: Step, detail = ''): void {
    const now = performance.now();
    const key = `${who} ${step}`;
    if (this.#at.has(key)) return;
    this.#at.set(key, now);
    this.#last = `${who}: ${step}`;
    this.#say(`${(now - this.#startedAt).toFixed(0).padStart(7)} ms  ${who.padEnd(7)} ${step.padEnd(20)} ${detail}`.trimEnd());
    this.#waiting.get(key)?.();
    this.#waiting.delete(key);
  }

  /** Resolves when it happens, at once where it has. One may wait for each. */
  reached(who: string, step: Step): Promise<void> {
    const key = `${who} ${step}`;
    return this.#at.has(key) ? Promise.resolve() : new Promise((resolve) => this.#waiting.set(key, resolve));
  }

  /** Milliseconds since anybody took that step, or NaN where nobody has. */
  since(step: Step): number {
    const [, at = Number.NaN] = [...this.#at].find(([key]) => key.endsWith(` ${step}`)) ?? [];
    return performance.now() - at;
  }

  /** Milliseconds, or NaN where one of the two has not happened. */
  between([fromWho, fromStep]: readonly [string, Step], [toWho, toStep]: readonly [string, Step]): number {
    return (this.#at.get(`${toWho} ${toStep}`) ?? Number.NaN) - (this.#at.get(`${fromWho} ${fromStep}`) ?? Number.NaN);
  }
}
