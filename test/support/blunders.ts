/** What a client has to ask, with its secrets where they belong. */
export interface Asking {
  readonly name: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

type Body = (asking: Asking) => string;

/** Longer than any value may be, and still a message. */
const tooLongTimes = 1_500;
/** Longer than a message may be. */
const farTooLongTimes = 8_000;

/** Ways to ask it wrongly, as the body of a request or the payload of a frame; the first of them is the right one. */
export const blunders: Readonly<Record<string, Body>> = {
  'as it should be': whole,
  'cut off': (asking) => whole(asking).slice(0, -3),
  'cut off in the middle of the secret': (asking) => whole(asking).slice(0, -12),
  'said twice': (asking) => `${whole(asking)}${whole(asking)}`,
  'as a string': (asking) => JSON.stringify(whole(asking)),
  'in a list': (asking) => `[${whole(asking)}]`,
  'with variables as text': ({ query, variables }) => JSON.stringify({ query, variables: JSON.stringify(variables) }),
  'with a list of variables': ({ query, variables }) => JSON.stringify({ query, variables: [variables] }),
  'with the variables as the query': ({ variables }) => JSON.stringify({ query: variables }),
  'with the variables as the name of the operation': ({ query, variables }) =>
    JSON.stringify({ query, variables, operationName: strings(variables).join('') }),
  'with the variables as an extension': ({ query, variables }) => JSON.stringify({ query, extensions: variables }),
  'without saying which variables there are': ({ query, variables }) =>
    JSON.stringify({ query: query.replace(/\([^)]*\)/, ''), variables }),
  'with strings in lists': changed((text) => [text]),
  'with strings in objects': changed((text) => ({ value: text })),
  'with one more field in each input': ({ query, variables }) => JSON.stringify({ query, variables: withExtra(variables) }),
  'too long': changed((text) => text.repeat(tooLongTimes)),
  'far too long': changed((text) => text.repeat(farTooLongTimes)),
  'with a NUL': changed((text) => `${text}\0`),
  'with half a character': changed((text) => `${text}\ud800`),
  literally: literal((text) => JSON.stringify(text)),
  'as a block string': literal((text) => `"""${text}"""`),
  'without the quote behind it': literal((text) => `"${text}`),
  'without the quote before it': literal((text) => `${text}"`),
  'without quotes': literal((text) => text),
  'without quotes, and twice': literal((text) => `${text} ${text}`),
  'in single quotes': literal((text) => `'${text}'`),
  'as a number with letters': literal((text) => `1${text}`),
  'with an escape that is none': literal((text) => `"\\q${text}"`),
  'with half an escape': literal((text) => `"\\u{${text}"`),
  'with an open block': literal((text) => `"""${text}`),
  'as a list of literals': literal((text) => `["${text}"]`),
  'behind the document': (asking) =>
    JSON.stringify({ query: `${asking.query} ${strings(asking.variables).join(' ')}`, variables: asking.variables }),
  'as a comment that does not end': (asking) => JSON.stringify({ query: `# ${strings(asking.variables).join(' ')}` }),
  'with too many tokens': (asking) => JSON.stringify({ query: `{ ${`me(a: "${strings(asking.variables).join('')}") `.repeat(300)} }` }),
};

function whole({ query, variables }: Asking): string {
  return JSON.stringify({ query, variables });
}

function changed(change: (text: string) => unknown): Body {
  return ({ query, variables }) => JSON.stringify({ query, variables: map(variables, change) });
}

/** The variables written into the document, strings as `write` says. */
function literal(write: (text: string) => string): Body {
  return ({ query, variables }) => {
    const document = Object.entries(variables).reduce(
      (text, [name, value]) => text.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), () => asLiteral(value, write)),
      query.replace(/^(mutation|query) \(.*?\) \{/, '$1 {'),
    );
    return JSON.stringify({ query: document });
  };
}

function asLiteral(value: unknown, write: (text: string) => string): string {
  if (typeof value === 'string') return isWord(value) ? value : write(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => asLiteral(item, write)).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([key, inner]) => `${key}: ${asLiteral(inner, write)}`)
    .join(', ')} }`;
}

/** A value of an enum, which stands without quotes. */
function isWord(text: string): boolean {
  return /^[A-Z]+(?:_[A-Z]+)*$/.test(text);
}

/** Values of enums and ids stay: what is asked has to come as far as the secret. */
function map(value: unknown, change: (text: string) => unknown): unknown {
  if (typeof value === 'string') return isWord(value) || /^[-0-9a-f]{36}$/.test(value) ? value : change(value);
  if (Array.isArray(value)) return value.map((item) => map(item, change));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, map(inner, change)]));
}

function withExtra(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const inner = Object.entries(value).map(([key, item]) => [key, withExtra(item)]);
  return { ...Object.fromEntries(inner), extra: strings(value).join('') };
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}
