import { addressOf, isPublicAddress } from './public-address.js';

/** Where webhooks go, and what they are signed with. */
export interface WebhookTarget {
  /** http or https, without credentials. */
  readonly url: string;
  /** `whsec_` and base64 each; every one signs, so that a receiver can change from one to the next. */
  readonly secrets: readonly string[];
  /** Addresses of private networks may be connected to. */
  readonly allowPrivate: boolean;
}

interface Given {
  readonly url: string | undefined;
  readonly secret: string | undefined;
  readonly allowPrivate: boolean;
  readonly production: boolean;
}

/** Pure: the target, or null where no URL is given. Adds a line to `problems` for each fault, none of which repeats a secret. */
export function readWebhookTarget({ url, secret, allowPrivate, production }: Given, problems: string[]): WebhookTarget | null {
  const secrets = secret?.split(',').map((item) => item.trim()) ?? [];
  for (const item of secrets) checkSecret(item, problems);
  if (url === undefined) return null;
  checkUrl(url, allowPrivate, production, problems);
  if (secrets.length === 0) {
    problems.push('WEBHOOK_SECRET has to be set where WEBHOOK_URL is: whsec_ and what `openssl rand -base64 32` prints.');
  }
  return { url, secrets, allowPrivate };
}

function checkUrl(text: string, allowPrivate: boolean, production: boolean, problems: string[]): void {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    problems.push('WEBHOOK_URL has to be an http:// or https:// URL.');
    return;
  }
  if (url.username !== '' || url.password !== '') {
    problems.push('WEBHOOK_URL has to be without a user name and a password: a receiver trusts the signature.');
  }
  if (allowPrivate) return;
  if (production && url.protocol !== 'https:') {
    problems.push('WEBHOOK_URL has to be an https:// URL in production, unless WEBHOOK_ALLOW_PRIVATE is on.');
  }
  const address = addressOf(url);
  if (address !== null && !isPublicAddress(address)) {
    problems.push('WEBHOOK_URL has to be an address of the public internet, unless WEBHOOK_ALLOW_PRIVATE is on.');
  }
}

/** The form and the size that Standard Webhooks asks for. */
function checkSecret(secret: string, problems: string[]): void {
  const [, base64 = ''] =
    /^whsec_((?:[A-Za-z0-9+/]{4})+|(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=))$/.exec(secret) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < 24 || bytes.length > 64) {
    problems.push('WEBHOOK_SECRET has to be whsec_ and the base64 of 24 to 64 bytes, as `openssl rand -base64 32` prints it.');
  } else if (new Set(bytes).size < 8) {
    problems.push('WEBHOOK_SECRET has to be random: this one looks like a placeholder.');
  }
}
