import type { RawReply } from './raw-http.js';

/** Something that was said, and where. */
export interface Words {
  readonly where: string;
  readonly text: string;
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const sessions = ['register', 'login', 'refreshSession', 'changePassword'];

/** Where a secret belongs: its path in the data of an answer, and what it is. Lists are passed over. */
const places: readonly { readonly path: RegExp; readonly what: string }[] = [
  { path: new RegExp(`^data\\.(?:${sessions.join('|')})\\.accessToken$`), what: 'access_token' },
  { path: new RegExp(`^data\\.(?:${sessions.join('|')})\\.refreshToken$`), what: 'refresh_token' },
  { path: /^data\.iceServers\.servers\.credential$/, what: 'credential' },
  { path: /^data\.inbox(?:\.events)?\.payload$/, what: 'payload' },
];

/** Everything that came out of a server, but for what is where it belongs. */
export class Overheard {
  readonly words: Words[] = [];
  readonly #told: (what: string, secret: string) => void;

  /** `told` is called with each secret that was where it belongs. */
  constructor(told: (what: string, secret: string) => void) {
    this.#told = told;
  }

  hear(where: string, text: string): void {
    this.words.push({ where, text });
  }

  /** An answer or a frame, which may have in it what somebody asked for. */
  hearAnswer(where: string, text: string): void {
    this.hear(where, this.#withoutWhatBelongs(text));
  }

  hearReply(where: string, { head, body }: RawReply): void {
    this.hear(`${where}, in the head`, head);
    this.hearAnswer(where, body);
  }

  #withoutWhatBelongs(text: string): string {
    let json: Json;
    try {
      json = JSON.parse(text) as Json;
    } catch {
      return text;
    }
    const strip = (value: Json, path: string): Json => {
      if (Array.isArray(value)) return value.map((item) => strip(item, path));
      if (typeof value === 'object' && value !== null) {
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strip(inner, path === '' ? key : `${path}.${key}`)]));
      }
      const place = places.find((it) => it.path.test(path.replace(/^payload\./, '')));
      if (place === undefined || typeof value !== 'string') return value;
      this.#told(place.what, value);
      return `(${place.what})`;
    };
    return JSON.stringify(strip(json, ''));
  }
}
