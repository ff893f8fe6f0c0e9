/** First frames of a socket with a secret in them, whole and broken. */
export function strayBeginnings(secret: () => string): string[] {
  return [
    init({ Authorization: `Bearer ${secret()}` }),
    init({ Authorization: `Bearer a.b.${secret()}` }),
    init({ Authorization: [secret()] }),
    init({ Authorization: { Bearer: secret() } }),
    init({ Authorization: 7, token: secret() }),
    init({ accessToken: secret() }),
    init({ accessToken: { token: secret() } }),
    init({ [secret()]: secret() }),
    init(secret()),
    init([secret()]),
    init(null).replace('null', secret()),
    init({ Authorization: secret() }).slice(0, -2),
    init({ Authorization: secret().repeat(8_000) }),
    JSON.stringify({ type: secret() }),
    JSON.stringify({ type: 'connection_init', [secret()]: secret() }),
    JSON.stringify({ id: 'x', type: 'subscribe', payload: { query: `{ ${secret()} }` } }),
    JSON.stringify(secret()),
    secret(),
    `${secret()}\0`,
  ];
}

/** Frames behind a beginning that was acknowledged. */
export function strayFrames(secret: () => string): string[] {
  return [
    init({ Authorization: secret() }),
    JSON.stringify({ type: secret(), payload: secret() }),
    JSON.stringify({ type: 'ping', payload: { [secret()]: 1 } }).slice(0, -1),
    JSON.stringify({ type: 'complete', id: secret(), payload: secret() }),
    JSON.stringify({ type: 'next', id: 'x', payload: { data: secret() } }),
    JSON.stringify({ type: 'error', id: 'x', payload: [{ message: secret() }] }),
    JSON.stringify({ id: 7, type: 'subscribe', payload: { query: secret() } }),
    JSON.stringify({ id: 'x', type: 'subscribe', payload: { query: 7, variables: { password: secret() } } }),
    JSON.stringify({ id: 'x', type: 'subscribe', payload: { query: '{ me { id } }', extensions: secret() } }),
    JSON.stringify({ id: 'x', type: 'subscribe', payload: { query: '{ me { id } }', operationName: { name: secret() } } }),
    secret(),
  ];
}

function init(payload: unknown): string {
  return JSON.stringify({ type: 'connection_init', payload });
}
