import { createCipheriv, createHmac, generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { SigningKey } from '../../src/config.js';

const now = (): number => Math.floor(Date.now() / 1_000);
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const text = (value: string): string => Buffer.from(value).toString('base64url');

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicPem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const publicJwk = rsa.publicKey.export({ format: 'jwk' });

/** Makes tokens by hand: everything that a thief could change, signed with whatever they have. */
export class Forger {
  readonly #first: SigningKey;
  readonly #other: SigningKey;
  readonly #userId: string;
  readonly #deviceId: string;

  /** `first` signs at the server, `other` is in its ring too. */
  constructor({ keys: [first, other], userId, deviceId }: { keys: readonly [SigningKey, SigningKey]; userId: string; deviceId: string }) {
    this.#first = first;
    this.#other = other;
    this.#userId = userId;
    this.#deviceId = deviceId;
  }

  get header(): Record<string, unknown> {
    return { alg: 'HS256', typ: 'at+jwt', kid: this.#first.kid };
  }

  get #claims(): Record<string, unknown> {
    const { userId, deviceId } = { userId: this.#userId, deviceId: this.#deviceId };
    return { iss: 'switchboard', aud: 'switchboard-api', sub: userId, did: deviceId, jti: randomUUID(), iat: now(), exp: now() + 60 };
  }

  /** A good one where nothing is said. `undefined` leaves a claim or a header out. */
  forge(claims: object = {}, header: object = {}, secret: string | Buffer = this.#first.secret, hash = 'sha256'): string {
    return this.#sign(encode({ ...this.header, ...header }), encode({ ...this.#claims, ...claims }), secret, hash);
  }

  /** By name, all that is no token of the server, or not any more. */
  get forgeries(): Readonly<Record<string, string>> {
    return { ...this.#byAlgorithm(), ...this.#byKey(), ...this.#byClaim(), ...this.#byForm() };
  }

  #sign(header: string, claims: string, secret: string | Buffer = this.#first.secret, hash = 'sha256'): string {
    return `${header}.${claims}.${createHmac(hash, secret).update(`${header}.${claims}`).digest('base64url')}`;
  }

  #unsigned(header: object): string {
    return `${encode({ ...this.header, ...header })}.${encode(this.#claims)}.`;
  }

  #byAlgorithm(): Record<string, string> {
    const asymmetric = (alg: 'RS256' | 'PS256' | 'ES256', key: typeof rsa.privateKey): string =>
      jwt.sign(this.#claims, key, { algorithm: alg, header: { alg, typ: 'at+jwt', kid: this.#first.kid } });
    return {
      'no algorithm': this.#unsigned({ alg: 'none' }),
      'no algorithm, in other letters': this.#unsigned({ alg: 'NoNe' }),
      'no algorithm, in capitals': this.#unsigned({ alg: 'NONE' }),
      'no algorithm, behind a space': this.#unsigned({ alg: ' none' }),
      'no algorithm, by an empty name': this.#unsigned({ alg: '' }),
      'no algorithm, by null': this.#unsigned({ alg: null }),
      'no algorithm, by none at all': this.#unsigned({ alg: undefined }),
      'no algorithm but a signature': this.forge({}, { alg: 'none' }),
      'HS256 without its signature': this.#unsigned({}),
      'HS256 in small letters': this.forge({}, { alg: 'hs256' }),
      'HS256 in a list': this.forge({}, { alg: ['HS256'] }),
      HS384: this.forge({}, { alg: 'HS384' }, this.#first.secret, 'sha384'),
      HS512: this.forge({}, { alg: 'HS512' }, this.#first.secret, 'sha512'),
      'HS512, which says HS256': this.forge({}, {}, this.#first.secret, 'sha512'),
      RS256: asymmetric('RS256', rsa.privateKey),
      PS256: asymmetric('PS256', rsa.privateKey),
      ES256: asymmetric('ES256', ec.privateKey),
    };
  }

  #byKey(): Record<string, string> {
    return {
      'a public key as the secret': this.forge({}, {}, publicPem),
      'another secret': this.forge({}, {}, 'x'.repeat(32)),
      'an empty secret': this.forge({}, {}, ''),
      'the kid as the secret': this.forge({}, {}, this.#first.kid),
      'the secret of another kid': this.forge({}, { kid: this.#other.kid }),
      'a kid that is not in the ring': this.forge({}, { kid: 'replaced' }),
      'no kid': this.forge({}, { kid: undefined }),
      'an empty kid': this.forge({}, { kid: '' }),
      'a kid that every object has': this.forge({}, { kid: 'constructor' }),
      'a kid that is a path': this.forge({}, { kid: '../../../dev/null' }, ''),
      'a kid that is SQL': this.forge({}, { kid: "x' UNION SELECT 'known'--" }, 'known'),
      'a kid in a list': this.forge({}, { kid: [this.#first.kid] }),
      'a key of its own in the header': this.forge({}, { kid: undefined, jwk: publicJwk }),
      'the address of a key in the header': this.forge(
        {},
        { kid: undefined, jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1/key' },
      ),
    };
  }

  #byClaim(): Record<string, string> {
    return {
      'another issuer': this.forge({ iss: 'somebody' }),
      'no issuer': this.forge({ iss: undefined }),
      'another audience': this.forge({ aud: 'another-api' }),
      'no audience': this.forge({ aud: undefined }),
      'another type': this.forge({}, { typ: 'JWT' }),
      'the type of a refresh token': this.forge({}, { typ: 'rt+jwt' }),
      'no type': this.forge({}, { typ: undefined }),
      expired: this.forge({ exp: now() - 1 }),
      'expired within the tolerance for clocks': this.forge({ iat: now() - 60, exp: now() - 10 }),
      'without an end': this.forge({ exp: undefined }),
      'with an end that is null': this.forge({ exp: null }),
      'with an end in words': this.forge({ exp: '2999-01-01' }),
      'with an end in digits': this.forge({ exp: String(now() + 60) }),
      'not valid yet': this.forge({ nbf: now() + 300 }),
      'made in the future': this.forge({ iat: now() + 300 }),
      'without a beginning': this.forge({ iat: undefined }),
      'of nobody': this.forge({ sub: undefined }),
      'of somebody who has no UUID': this.forge({ sub: 'ana' }),
      'of a number': this.forge({ sub: 1 }),
      'of several': this.forge({ sub: [this.#userId] }),
      'of an object': this.forge({ sub: { id: this.#userId } }),
      'of no device': this.forge({ did: undefined }),
      'of a device that is no UUID': this.forge({ did: ['x'] }),
    };
  }

  #byForm(): Record<string, string> {
    const good = this.forge();
    const [header = '', claims = '', signature = ''] = good.split('.');
    const lastBits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = lastBits.indexOf(signature.at(-1) ?? '');
    return {
      'with another signature': good.slice(0, -2) + (good.at(-2) === 'A' ? 'B' : 'A') + good.at(-1),
      'with a signature that differs in bits that count for nothing': good.slice(0, -1) + lastBits[last ^ 1],
      'with a padded signature': `${good}=`,
      truncated: good.slice(0, -8),
      'without its signature and the dot before it': `${header}.${claims}`,
      'with other claims under its signature': `${header}.${encode({ ...this.#claims, sub: randomUUID() })}.${signature}`,
      'with the signature of another one': `${header}.${claims}.${this.forge({ sub: randomUUID() }).split('.')[2]}`,
      'with a fourth part': `${good}.e30`,
      'with a dot before it': `.${good}`,
      'with a dot behind it': `${good}.`,
      'encrypted, as it says': encrypted(this.#first.kid, this.#claims),
      empty: '',
      'a number': '1',
      garbage: 'a.b.c',
      'nothing but dots': '..',
      'no JSON': `${text('{')}.${encode({})}.x`,
      'null as header': this.#sign(encode(null), claims),
      'a list as header': this.#sign(encode([this.header]), claims),
      'text as claims': this.#sign(header, text('text')),
      'null as claims': this.#sign(header, encode(null)),
      'a list as claims': this.#sign(header, encode([this.#claims])),
      'ten kilobytes long': this.forge({ sub: 'x'.repeat(7_500) }),
    };
  }
}

/** In the form of a JWE: five parts, and nobody has agreed on the key. */
function encrypted(kid: string, claims: object): string {
  const header = encode({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid });
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', randomBytes(32), iv);
  const content = Buffer.concat([cipher.update(JSON.stringify(claims)), cipher.final()]);
  return [header, '', iv.toString('base64url'), content.toString('base64url'), cipher.getAuthTag().toString('base64url')].join('.');
}
