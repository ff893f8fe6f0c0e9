import type { RawRequest } from './raw-http.js';

export interface StrayRequest extends RawRequest {
  readonly where: string;
}

const json = { 'content-type': 'application/json' };
const me = JSON.stringify({ query: '{ me { id } }' });
const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-protocol': 'graphql-transport-ws',
};
const headers = [
  'cookie',
  'x-forwarded-for',
  'forwarded',
  'user-agent',
  'referer',
  'origin',
  'x-api-key',
  'traceparent',
  'apollo-require-preflight',
  'content-encoding',
  'content-language',
  'accept',
  'accept-encoding',
  'if-none-match',
  'range',
];
const types = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/graphql', ''];
const schemes = ['Bearer ', 'bearer  ', 'Basic ', 'Token ', '', 'Bearer Bearer ', 'Bearer x.y.', 'Bearer {"token":'];
const pages = ['/healthz', '/readyz', '/metrics', '/', '/dev/faults', '/examples/two-tabs/', '/client.js'];

/** Requests with secrets where none belong: in headers, in addresses, in bodies of other types, at other places than the API. */
export function strayRequests(secret: () => string, token: string): StrayRequest[] {
  const login = (): string =>
    `query=${encodeURIComponent(`mutation { login(input: { username: "a", password: "${secret()}" }) { expiresAt } }`)}`;
  const bearer = () => ({ authorization: `Bearer ${secret()}` });
  const variables = () => encodeURIComponent(JSON.stringify({ id: secret(), password: secret() }));
  const user = encodeURIComponent('query ($id: ID) { user(id: $id) { id } }');
  const faults = [`{"kind":"${secret()}"}`, `{"kind":"drop-socket","token":"${secret()}"}`, secret(), `{"kind":${secret()}}`];
  return [
    ...schemes.map((scheme) => ({
      where: `Authorization: ${scheme}…`,
      headers: { ...json, authorization: `${scheme}${secret()}` },
      body: me,
    })),
    ...headers.flatMap((name) => [
      { where: `${name}: …`, headers: { ...json, [name]: secret() }, body: me },
      { where: `${name}: …, by GET`, method: 'GET', headers: { [name]: secret() } },
    ]),
    { where: 'a header that is too long', headers: { ...json, authorization: `Bearer ${secret().repeat(500)}` }, body: me },
    { where: 'a header with a byte that is none', headers: { ...json, cookie: `a=${secret()}\u00ff` }, body: me },
    ...[...types, `application/json; charset=${secret()}`, `application/${secret()}`].map((type) => ({
      where: `a body of type ${type.split(/[;_]/, 1)[0]}`,
      headers: { ...(type === '' ? {} : { 'content-type': type }), ...bearer() },
      body: login(),
    })),
    ...['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'].flatMap((method) => [
      { where: `${method} of a mutation`, method, path: `/graphql?${login()}&access_token=${secret()}&operationName=${secret()}` },
      { where: `${method} with variables`, method, path: `/graphql?query=${user}&variables=${variables()}&extensions=${secret()}` },
      { where: `${method} with broken variables`, method, path: `/graphql?query=${user}&variables={"id":"${secret()}` },
      {
        where: `${method} elsewhere`,
        method,
        path: `/${secret()}?token=${secret()}`,
        headers: bearer(),
        body: method === 'GET' ? '' : secret(),
      },
    ]),
    { where: 'an address that cannot be read', method: 'GET', path: `/%E0%A4%A?${secret()}` },
    ...pages.map((path) => ({
      where: path,
      method: 'GET',
      path: `${path}?token=${secret()}`,
      headers: { ...bearer(), cookie: secret() },
    })),
    { where: 'an example that is none', method: 'GET', path: `/examples/${secret()}`, headers: bearer() },
    ...faults.flatMap((body) => [
      { where: 'a fault of no kind', path: '/dev/faults', headers: { ...json, authorization: `Bearer ${token}` }, body },
      { where: 'a fault of a stranger', path: '/dev/faults', headers: { ...json, ...bearer() }, body },
    ]),
    ...[
      { where: 'an upgrade with a query string', path: `/graphql?token=${secret()}` },
      { where: 'an upgrade elsewhere', path: `/${secret()}` },
      { where: 'an upgrade from a foreign page', headers: { origin: `http://${secret()}.example` } },
      { where: 'an upgrade with a token beside its protocol', headers: { 'sec-websocket-protocol': `graphql-transport-ws, ${secret()}` } },
      { where: 'an upgrade with a token as its protocol', headers: { 'sec-websocket-protocol': secret() } },
      { where: 'an upgrade with a key that is none', headers: { 'sec-websocket-key': secret() } },
      { where: 'an upgrade of another kind', headers: { upgrade: secret() } },
      { where: 'an upgrade with headers', headers: { ...bearer(), cookie: secret(), 'sec-websocket-extensions': secret() } },
    ].map((request) => ({ ...request, method: 'GET', headers: { ...upgrade, ...request.headers } })),
  ];
}
