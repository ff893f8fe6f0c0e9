import { randomUUID } from 'node:crypto';
import { acceptCallOperation, createCallOperation, inboxSubscription, registerOperation } from '../../src/client/operations.js';
import { run } from '../support/api.js';
import { blunders } from '../support/blunders.js';
import type { Canaries } from '../support/canaries.js';
import { Device } from '../support/device.js';
import { Overheard } from '../support/overheard.js';
import { askRaw, type RawRequest } from '../support/raw-http.js';
import { RawSocket } from '../support/raw-socket.js';
import { secretAskings, type Asker } from '../support/secret-askings.js';
import { strayBeginnings, strayFrames } from '../support/stray-frames.js';
import { strayRequests } from '../support/stray-requests.js';
import type { Addresses } from '../support/talker.js';
import { until } from '../support/until.js';

interface Stream {
  readonly socket: RawSocket;
  readonly isOfParty: boolean;
}

interface Cast {
  readonly ana: Device;
  readonly ben: Device;
  readonly asker: Asker;
  readonly streams: readonly Stream[];
  /** Of Ana, open from the beginning: for what comes while the database is away. */
  readonly socket: RawSocket;
}

const aroundCalls = `{ me { username displayName } devices { id name } calls(first: 100) { edges { node {
  id status metadata endReason caller { username displayName } timeline { at kind user { id } deviceId bytes detail }
} } } }`;

/** Two who are in a call tell the server their secrets, rightly and wrongly, and they and a stranger hear all that it says. */
export class SecretsTold {
  readonly overheard: Overheard;
  readonly #server: Addresses;
  readonly #canaries: Canaries;
  readonly #cast: Cast;
  readonly #secret = (): string => this.#canaries.make('secret');

  static async begin(server: Addresses, canaries: Canaries): Promise<SecretsTold> {
    const password = canaries.make('password');
    const [ana, ben, eve] = await Promise.all([
      enter(server, canaries, 'ana', password),
      enter(server, canaries, 'ben', password),
      enter(server, canaries, 'eve', password),
    ]);
    const { createCall } = await run(server.url, ana.token, createCallOperation, { input: { calleeId: ben.userId } });
    await run(server.url, ben.token, acceptCallOperation, { id: createCall.id });
    const streams = await Promise.all(
      [ana, ben, eve].map(async (device) => ({ socket: await listen(server, device), isOfParty: device !== eve })),
    );
    const socket = await RawSocket.connect(server.webSocketUrl, ana.token);
    const asker = { username: ana.session.user.username, password, callId: createCall.id };
    return new SecretsTold(server, canaries, { ana, ben, asker, streams, socket });
  }

  private constructor(server: Addresses, canaries: Canaries, cast: Cast) {
    this.#server = server;
    this.#canaries = canaries;
    this.#cast = cast;
    this.overheard = new Overheard((what, secret) => {
      if (what !== 'payload') canaries.keep(what, secret);
    });
  }

  /** Who is called: all webhooks are for them. */
  get callee(): Device {
    return this.#cast.ben;
  }

  /** Every operation that has to do with a secret, rightly and in each of the wrong ways, by both transports. */
  async askEverything(): Promise<void> {
    for (const [blunder, write] of Object.entries(blunders)) {
      await Promise.all(this.#askings().map((it) => this.#askHttp(`${it.name} ${blunder}, over HTTP`, write(it))));
      await Promise.all(
        this.#askings().map((it) =>
          this.#speak(`${it.name} ${blunder}, over WebSocket`, this.#cast.ana, `{"id":"asked","type":"subscribe","payload":${write(it)}}`),
        ),
      );
    }
  }

  /** The same as it should be, all at once, by a connection that is there already as well: for when the database has its troubles. */
  async askRightly(when: string): Promise<void> {
    const { socket } = this.#cast;
    await Promise.all(
      this.#askings().map(async ({ name, query, variables }, n) => {
        const id = `${when} ${n}`;
        await this.#askHttp(`${name} while the database ${when}, over HTTP`, JSON.stringify({ query, variables }));
        await socket.send({ id, type: 'subscribe', payload: { query, variables } });
        const { text } = await until('an answer', () => socket.frames.find((it) => it.id === id && it.type !== 'complete'));
        this.overheard.hearAnswer(`${name} while the database ${when}, over WebSocket`, text);
      }),
    );
  }

  /** Where no secret belongs: in headers, addresses, other bodies, and in the frames around the operations. */
  async stray(): Promise<void> {
    const { ben } = this.#cast;
    for (const { where, ...request } of strayRequests(this.#secret, ben.token)) await this.#ask(where, request);
    for (const [n, frame] of strayBeginnings(this.#secret).entries()) await this.#speak(`first frame ${n}`, null, frame);
    for (const [n, frame] of strayFrames(this.#secret).entries()) await this.#speak(`later frame ${n}`, ben, frame);
  }

  /** Somebody comes, calls, changes the password, renews the session and goes for good. */
  async comeAndGo(): Promise<void> {
    const [password, next] = [this.#canaries.make('password'), this.#canaries.make('password')];
    const device = await enter(this.#server, this.#canaries, 'cleo', password);
    await device.ring(this.#cast.ben);
    const say = (query: string, variables: object) =>
      this.#askHttp('somebody who comes and goes', JSON.stringify({ query, variables }), device);
    await say('mutation ($a: String!) { refreshSession(refreshToken: $a) { accessToken refreshToken } }', {
      a: device.session.refreshToken,
    });
    await say('mutation ($a: String!, $b: String!) { changePassword(current: $a, next: $b) { accessToken refreshToken } }', {
      a: password,
      b: next,
    });
    await say('mutation ($a: String!) { deleteAccount(password: $a) }', { a: next });
    await say('{ me { id } }', {});
  }

  /** The timelines, the histories and the metrics, and what the streams were told all the while. */
  async lookAround(): Promise<void> {
    const { ana, ben } = this.#cast;
    for (const device of [ana, ben]) await this.#askHttp('the timelines', JSON.stringify({ query: aroundCalls }), device);
    await this.#ask('the metrics', { method: 'GET', path: '/metrics' });
    this.#hearStreams();
  }

  /** The server has been told to stop: hears what it says to that. */
  async hearTheEnd(): Promise<void> {
    const sockets = [...this.#cast.streams.map(({ socket }) => socket), this.#cast.socket];
    for (const socket of sockets) this.overheard.hear('a close', (await socket.closed).reason);
    this.#hearStreams();
  }

  #hearStreams(): void {
    for (const { socket, isOfParty } of this.#cast.streams) {
      for (const { text } of socket.frames.splice(0)) {
        if (isOfParty) this.overheard.hearAnswer('the stream of a party', text);
        else this.overheard.hear('the stream of a stranger', text);
      }
    }
  }

  #askings() {
    return secretAskings(this.#cast.asker, this.#canaries);
  }

  async #askHttp(where: string, body: string, { token }: Device = this.#cast.ana): Promise<void> {
    await this.#ask(where, { headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body });
  }

  async #ask(where: string, request: RawRequest): Promise<void> {
    this.overheard.hearReply(where, await askRaw(this.#server.url, request));
  }

  /** One frame on a socket of its own, the first one where it is nobody's; ends when it is answered or the socket is closed. */
  async #speak(where: string, device: Device | null, frame: string): Promise<void> {
    const { webSocketUrl } = this.#server;
    const socket = device === null ? new RawSocket(webSocketUrl) : await RawSocket.connect(webSocketUrl, device.token);
    await socket.send(frame);
    // Where nothing is to be said to it, a ping behind it is answered.
    await socket.send({ type: 'ping' });
    const awaited = frame.includes('"asked"') ? 'asked' : undefined;
    const answered = until('an answer', () => socket.frames.some(({ id, type }) => id === awaited && type !== 'connection_ack'));
    const closed = await Promise.race([socket.closed, answered.then(() => null)]);
    if (closed !== null) this.overheard.hear(`${where}: the close`, closed.reason);
    socket.terminate();
    for (const { text } of socket.frames) this.overheard.hearAnswer(where, text);
  }
}

async function enter(server: Addresses, canaries: Canaries, name: string, password: string): Promise<Device> {
  const input = { username: `${name}${randomUUID().slice(0, 13)}`, password, deviceName: 'phone' };
  const { register } = await run(server.url, null, registerOperation, { input });
  canaries.keep('access_token', register.accessToken);
  canaries.keep('refresh_token', register.refreshToken);
  return new Device(server, register);
}

async function listen(server: Addresses, { token }: Device): Promise<RawSocket> {
  const socket = await RawSocket.connect(server.webSocketUrl, token);
  await socket.send({ id: 'inbox', type: 'subscribe', payload: { query: String(inboxSubscription) } });
  await socket.frame('next', 'inbox');
  return socket;
}
