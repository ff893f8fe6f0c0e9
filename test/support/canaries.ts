import { randomBytes } from 'node:crypto';

/** For how long it may be kept: not even for a moment as it is, or as long as a signal. */
export type Kept = 'never' | 'while signals are';

interface Canary {
  readonly what: string;
  readonly kept: Kept;
  /** Any of these is enough to know it by: cut off in the middle, or written in another way. */
  readonly traces: readonly string[];
}

const half = 16;

/** Secrets that are unlike anything else, and the search for them, whole or in pieces, as they are or as base64 or hex. */
export class Canaries {
  readonly #canaries: Canary[] = [];

  /** A new one, of letters, digits and _ alone: so it can stand wherever a word can. */
  make(what: string, kept: Kept = 'never'): string {
    const core = randomBytes(half).toString('hex');
    this.#canaries.push({ what, kept, traces: [core.slice(0, half), core.slice(half), ...encodings(core)] });
    return `${what}_${core}`;
  }

  /** A secret that came from the server, or that has to have a form of its own. */
  keep(what: string, secret: string): void {
    // The first two parts of a JWT are told apart by little.
    const text = secret.split('.').at(-1) ?? '';
    if (text.length < 24) throw new Error(`${what} is too short to be unlike anything else.`);
    const bytes = Buffer.from(text, 'base64url').toString('hex');
    this.#canaries.push({
      what,
      kept: 'never',
      traces: [text.slice(0, half), text.slice(-half), bytes.slice(0, 2 * half), bytes.slice(-2 * half)],
    });
  }

  get count(): number {
    return this.#canaries.length;
  }

  /** What of them is in the text. `kept`: those alone that may be kept for so long. */
  in(text: string, kept?: Kept): string[] {
    const here = this.#canaries.filter((it) => (kept === undefined || it.kept === kept) && it.traces.some((trace) => text.includes(trace)));
    return [...new Set(here.map(({ what }) => what))];
  }
}

/** As hex, and as base64 at whatever place of a longer text: what is around it changes the first and the last characters. */
function encodings(core: string): string[] {
  const base64 = [0, 1, 2].map((place) =>
    Buffer.from(`${'.'.repeat(place)}${core}`)
      .toString('base64')
      .slice(4, 4 + 2 * half),
  );
  return [
    Buffer.from(core)
      .toString('hex')
      .slice(0, 2 * half),
    ...base64,
  ];
}
