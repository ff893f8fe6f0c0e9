// Switchboard by what a browser has: fetch, and a WebSocket that speaks graphql-transport-ws.
// The protocol is https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.

/** An answer that is a refusal: decide by `code`, show `message`. */
export class Refusal extends Error {
  constructor({ message, extensions }) {
    super(message);
    this.code = extensions?.code;
    this.details = extensions;
  }
}

/** One query or mutation over HTTP. */
export async function ask(query, variables = {}, accessToken = '') {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(accessToken && { authorization: `Bearer ${accessToken}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Refusal(errors[0]);
  return data;
}

const sessionParts = 'accessToken refreshToken user { id username } device { id }';
export const register = `mutation ($input: RegisterInput!) { register(input: $input) { ${sessionParts} } }`;
const refresh = `mutation ($refreshToken: String!) { refreshSession(refreshToken: $refreshToken) { ${sessionParts} } }`;
const callParts = 'id status endReason direction caller { username } callee { username } callerDeviceId calleeDeviceId';
const inbox = `subscription ($after: ID) { inbox(after: $after) { __typename cursor
  ... on Ready { recovered activeCalls { ${callParts} } }
  ... on CallChanged { change call { ${callParts} } }
  ... on SignalReceived { callId kind payload }
} }`;

const pingEveryMs = 10_000;
const silentForMs = 5_000;

/**
 * A signed-in device: its inbox, and its requests, over one socket that comes back by itself. `onEvent` is given each event
 * once, in order; `onState` whether there is a connection; `onSignedOut` is called when the session is over.
 */
export class Signaling {
  /** Of the last event handled. To keep it over a reload, put it where the session is kept. */
  cursor = null;
  #session;
  #handlers;
  #socket = null;
  #isReady = false;
  #waiting = new Map();
  #ids = 0;
  #failures = 0;
  #closed = false;

  constructor(session, handlers) {
    this.#session = session;
    this.#handlers = handlers;
    this.#connect();
  }

  /**
   * A query or a mutation. It waits for a connection, and is sent again where one was lost before the answer: what it does has
   * to be safe to do twice, which createCall and sendSignal are by their `key`.
   */
  ask(query, variables = {}) {
    return new Promise((resolve, reject) => {
      const id = `${(this.#ids += 1)}`;
      this.#waiting.set(id, { query, variables, resolve, reject });
      if (this.#isReady) this.#subscribe(id, { query, variables });
    });
  }

  close() {
    this.#closed = true;
    // 1000 says that this is meant: the device is offline at once.
    this.#socket?.close(1000);
  }

  #connect() {
    // The server speaks this subprotocol alone, and closes any other one with 4406.
    const socket = new WebSocket(new URL('/graphql', location.href.replace(/^http/, 'ws')), 'graphql-transport-ws');
    this.#socket = socket;
    // The browser answers pings of the server unseen, and cannot send its own. This one is of graphql-transport-ws: without
    // it a socket that is dead, after a change of network, looks open for minutes.
    let silence;
    const pings = setInterval(() => {
      if (!this.#isReady) return;
      socket.send(JSON.stringify({ type: 'ping' }));
      silence = setTimeout(() => over({ code: 1006 }), silentForMs);
    }, pingEveryMs);
    const over = ({ code }) => {
      clearInterval(pings);
      clearTimeout(silence);
      if (this.#socket !== socket) return;
      this.#socket = null;
      socket.close();
      void this.#comeBack(code);
    };
    // Within three seconds, and nothing else before the acknowledgement.
    socket.addEventListener('open', () => {
      socket.send(JSON.stringify({ type: 'connection_init', payload: { Authorization: `Bearer ${this.#session.accessToken}` } }));
    });
    socket.addEventListener('close', over);
    socket.addEventListener('message', ({ data }) => {
      if (this.#socket !== socket) return;
      const message = JSON.parse(data);
      if (message.type === 'connection_ack') this.#acknowledged();
      if (message.type === 'ping') socket.send(JSON.stringify({ type: 'pong' }));
      if (message.type === 'pong') clearTimeout(silence);
      if (message.type === 'next') this.#next(message);
      if (message.type === 'error') this.#settle(message.id, ({ reject }) => reject(new Refusal(message.payload[0])));
    });
  }

  #acknowledged() {
    this.#isReady = true;
    this.#handlers.onState('connected');
    // The cursor as it is now: what was missed comes first, then what is new.
    this.#subscribe('inbox', { query: inbox, variables: { after: this.cursor } });
    for (const [id, { query, variables }] of this.#waiting) this.#subscribe(id, { query, variables });
  }

  #subscribe(id, payload) {
    this.#socket.send(JSON.stringify({ id, type: 'subscribe', payload }));
  }

  #next({ id, payload: { data, errors } }) {
    if (id !== 'inbox') {
      this.#settle(id, ({ resolve, reject }) => (errors ? reject(new Refusal(errors[0])) : resolve(data)));
    } else if (data) {
      this.#take(data.inbox);
    } else {
      // Refused, as while the server has no database: another connection, after a wait, opens it again.
      if (errors[0].extensions.code === 'BAD_INPUT') this.cursor = null;
      this.#socket.close();
    }
  }

  #take(event) {
    // Cursors of a user sort bytewise: what is not behind the last one is a repetition. Other types only repeat a position.
    const isKept = event.__typename === 'CallChanged' || event.__typename === 'SignalReceived';
    if (isKept && this.cursor !== null && event.cursor <= this.cursor) return;
    if (event.__typename === 'Ready') this.#failures = 0;
    // The socket is extended with the session, and no subscription is lost.
    if (event.__typename === 'SessionExpiring') void this.#renew();
    this.#handlers.onEvent(event);
    this.cursor = event.cursor;
  }

  #settle(id, how) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (waiting) how(waiting);
  }

  /** After a wait that grows, and is not the same for all who lost the same server. */
  async #comeBack(code) {
    this.#isReady = false;
    if (this.#closed) return;
    this.#handlers.onState('waiting');
    if (code === 4403 && !(await this.#renew())) return;
    const longestMs = Math.min(15_000, 400 * 2 ** this.#failures);
    this.#failures += 1;
    setTimeout(() => this.#closed || this.#connect(), longestMs / 2 + (Math.random() * longestMs) / 2);
  }

  /** False where the session is over. Without an answer the old token is tried again, and refused again, and this repeated. */
  async #renew() {
    try {
      this.#session = (await ask(refresh, { refreshToken: this.#session.refreshToken })).refreshSession;
    } catch (error) {
      if (error.code !== 'UNAUTHENTICATED') return true;
      for (const id of this.#waiting.keys()) this.#settle(id, ({ reject }) => reject(error));
      this.#handlers.onSignedOut();
      return false;
    }
    return true;
  }
}
