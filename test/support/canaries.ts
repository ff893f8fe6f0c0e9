import { randomBytes } from 'node:crypto';

/** For how long it may be kept: not even for a moment as it is, or as long as a signal. */
export type Kept = 'never' | 'while signals are';

interface Trace {
  readonly text: string;
  readonly what: string;
  readonly kept: Kept;
}

const half = 16;
/** Traces are looked up by so many of their first characters: texts are long, and there are thousands of traces. */
const indexed = 8;

/** Secrets that are unlike anything else, and the search for them, whole or in pieces, as they are or as base64 or hex. */
export class Canaries {
  /** Any of its traces is enough to know a secret by: cut off in the middle, or written in another way. */
  readonly #traces = new Map<string, Trace[]>();
  count = 0;

  /** A new one, of letters, digits and _ alone: so it can stand wherever a word can. */
  make(what: string, kept: Kept = 'never'): string {
    const core = randomBytes(half).toString('hex');
    this.#add(what, kept, [core.slice(0, half), core.slice(half), ...encodings(core)]);
    return `${what}_${core}`;
  }

  /** A secret that came from the server, or that has to have a form of its own. */
  keep(what: string, secret: string): void {
    // The first two parts of a JWT are told apart by little.
    const text = secret.split('.').at(-1) ?? '';
    if (text.length < 24) throw new Error(`${what} is too short to be unlike anything else.`);
    const bytes = Buffer.from(text, 'base64url').toString('hex');
    this.#add(what, 'never', [text.slice(0, half), text.slice(-half), bytes.slice(0, 2 * half), bytes.slice(-2 * half)]);
  }

  /** What of them is in the text. `kept`: those alone that may be kept for so long. */
  in(text: string, kept?: Kept): string[] {
    const here = new Set<string>();
    for (let at = 0; at + indexed <= text.length; at += 1) {
      const near = this.#traces.get(text.slice(at, at + indexed)) ?? [];
      for (const trace of near) if ((kept === undefined || trace.kept === kept) && text.startsWith(trace.text, at)) here.add(trace.what);
    }
    return [...here];
  }

  #add(what: string, kept: Kept, texts: readonly string[]): void {
    this.count += 1;
    for (const text of texts) {
      const key = text.slice(0, indexed);
      const others = this.#traces.get(key);
      if (others === undefined) this.#traces.set(key, [{ text, what, kept }]);
      else others.push({ text, what, kept });
    }
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
