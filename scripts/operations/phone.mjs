// Clients for try-operations.mjs: they come back by themselves, with their cursors, and repeat what was not answered.
import { createClient } from 'graphql-ws';

const session = 'accessToken refreshToken user { id }';
const inbox = `subscription ($after: ID) { inbox(after: $after) {
  __typename ... on Ready { cursor recovered } ... on SignalReceived { cursor payload } ... on CallChanged { cursor change } } }`;
const patienceMs = 30_000;
/** Within what a node allows a socket by default. */
const betweenMs = 25;

export class Phone {
  #url;
  #session;
  #left = false;
  #client = null;
  #living = null;
  /** What it has heard of signals, in order. */
  payloads = [];
  cursor = null;

  static async register(url, username) {
    const phone = new Phone(url, null);
    const { register } = await phone.ask(`mutation ($input: RegisterInput!) { register(input: $input) { ${session} } }`, {
      input: { username, password: 'correct horse' },
    });
    phone.#session = register;
    return phone;
  }

  constructor(url, given) {
    this.#url = url;
    this.#session = given;
  }

  get userId() {
    return this.#session.user.id;
  }

  get token() {
    return this.#session.accessToken;
  }

  /** Again and again until it is answered; who repeats a signal does it with its key. */
  async ask(query, variables = {}) {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const answer =
        this.#client === null ? await post(this.#url, this.#session?.accessToken, query, variables) : await this.#say(query, variables);
      if (answer.data) return answer.data;
      const code = answer.errors?.[0]?.extensions?.code;
      if (code === 'UNAUTHENTICATED' && this.#session !== null) await this.refresh();
      else if (![undefined, 'UNAVAILABLE', 'TOO_BUSY', 'RATE_LIMITED'].includes(code) || performance.now() > deadline) {
        throw new Error(`${query.slice(0, 60)}: ${JSON.stringify(answer)}`);
      }
      await pause(50);
    }
  }

  async refresh() {
    const { refreshSession } = await post(
      this.#url,
      null,
      `mutation ($token: String!) { refreshSession(refreshToken: $token) { ${session} } }`,
      {
        token: this.#session.refreshToken,
      },
    ).then(({ data, errors }) => data ?? fail(errors));
    this.#session = refreshSession;
  }

  connect() {
    this.#living = this.#live();
  }

  async leave() {
    this.#left = true;
    this.#client?.terminate();
    await this.#living;
  }

  /** The first event of a stream that starts behind that cursor. */
  async readyAfter(after) {
    const client = this.#connection();
    try {
      for await (const { data } of client.iterate({ query: inbox, variables: { after } })) return data.inbox;
    } finally {
      await client.dispose();
    }
    throw new Error('There was no Ready.');
  }

  /** Over the socket that it listens on. Where that closes the answer is empty. */
  async #say(query, variables) {
    try {
      for await (const answer of this.#client.iterate({ query, variables })) return answer;
    } catch {
      // It comes back, and asks again.
    }
    return {};
  }

  #connection() {
    return createClient({ url: this.#url.replace(/^http/, 'ws'), connectionParams: { Authorization: this.token }, retryAttempts: 0 });
  }

  async #live() {
    while (!this.#left) {
      this.#client = this.#connection();
      try {
        for await (const { data } of this.#client.iterate({ query: inbox, variables: { after: this.cursor } })) {
          const event = data?.inbox;
          if (event?.__typename === 'Ready') this.cursor ??= event.cursor;
          else if (event?.cursor !== undefined) this.cursor = event.cursor;
          if (event?.__typename === 'SignalReceived') this.payloads.push(event.payload);
        }
      } catch (close) {
        if (close?.code === 4403 && !this.#left) await this.refresh().catch(() => undefined);
      }
      await pause(100);
    }
  }
}

/** Two in a call, one of whom signals to the other without a pause until it is told to stop. */
export class Talk {
  #ana;
  #ben;
  #callId;
  #going = null;
  #sent = 0;
  #forgotten = 0;

  static async begin(url) {
    const talk = new Talk();
    [talk.#ana, talk.#ben] = [await Phone.register(url, 'ana'), await Phone.register(url, 'ben')];
    for (const phone of [talk.#ana, talk.#ben]) phone.connect();
    const { createCall } = await talk.#ana.ask('mutation ($id: ID!) { createCall(input: { calleeId: $id }) { id } }', {
      id: talk.#ben.userId,
    });
    talk.#callId = createCall.id;
    await talk.#ben.ask('mutation ($id: ID!) { acceptCall(id: $id) { status } }', { id: createCall.id });
    return talk;
  }

  /** Who listens. */
  get ben() {
    return this.#ben;
  }

  goOn() {
    const going = { on: true };
    const loop = async () => {
      while (going.on) {
        await this.say(1);
        await pause(betweenMs);
      }
    };
    this.#going = Object.assign(going, { done: loop() });
  }

  async say(times) {
    for (let n = 0; n < times; n += 1) {
      this.#sent += 1;
      await this.#ana.ask(
        'mutation ($call: ID!, $n: String!, $key: ID!) { sendSignal(input: { callId: $call, kind: CUSTOM, payload: $n, key: $key }) { id } }',
        { call: this.#callId, n: String(this.#sent), key: String(this.#sent) },
      );
    }
  }

  /** Stops, and holds what was heard against what was acknowledged: each once, in order. Returns how many there were. */
  async compare() {
    if (this.#going !== null) {
      this.#going.on = false;
      await this.#going.done;
      this.#going = null;
    }
    const expected = this.#sent - this.#forgotten;
    const deadline = performance.now() + patienceMs;
    while (this.#ben.payloads.length < expected && performance.now() < deadline) await pause(50);
    const wrong = this.#ben.payloads.findIndex((payload, position) => payload !== String(this.#forgotten + position + 1));
    if (wrong >= 0 || this.#ben.payloads.length !== expected) {
      throw new Error(`${expected} signals were acknowledged, ${this.#ben.payloads.length} heard; the first wrong one is at ${wrong}.`);
    }
    return expected;
  }

  /** Only what is said from now on is compared. */
  forget() {
    this.#ben.payloads = [];
    this.#forgotten = this.#sent;
  }

  async end() {
    await Promise.all([this.#ana.leave(), this.#ben.leave()]);
  }
}

/** One POST. What is no answer of a node, as a proxy's 502, is an empty one. */
export async function post(url, token, query, variables = {}) {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables }),
    });
    return await response.json();
  } catch {
    return {};
  }
}

function fail(answer) {
  throw new Error(`The session was not renewed: ${JSON.stringify(answer)}`);
}

function pause(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
