import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { classes, makeIntegrityKey, Message, methods, parseMessage } from 'werift';
import { until } from './until.js';

/** As `iceServers` gives it. */
export interface TurnLogin {
  readonly username: string;
  readonly credential: string;
}

/** What the server said: `granted`, or the code of its refusal (RFC 8656, section 19). */
export type Verdict = 'granted' | number;

const loopback = { udp4: '127.0.0.1', udp6: '::1' } as const;
const resendAfterMs = 500;
const transportNumbers = { udp: 17, tcp: 6 } as const;
const addressFamilies = { udp4: 1, udp6: 2 } as const;

/** A client of a TURN server that shows what the server answers. A WebRTC stack is silent about a refusal: it has no relay. */
export class TurnClient {
  readonly #socket: Socket;
  readonly #family: keyof typeof loopback;
  readonly #port: number;
  readonly #login: TurnLogin;
  readonly #answers = new Map<string, Message>();
  /** What the server asks to have repeated and signed; null before the first request. */
  #challenge: { realm: string; nonce: Buffer } | null = null;

  /** `family`: by which it comes, and of which its relay is to be. */
  static async open({ port }: { port: number }, login: TurnLogin, family: keyof typeof loopback = 'udp4'): Promise<TurnClient> {
    const socket = createSocket(family).bind(0, loopback[family]);
    await once(socket, 'listening');
    return new TurnClient(socket, family, port, login);
  }

  private constructor(socket: Socket, family: keyof typeof loopback, port: number, login: TurnLogin) {
    this.#socket = socket;
    this.#family = family;
    this.#port = port;
    this.#login = login;
    socket.on('message', (data) => {
      const message = parseMessage(data);
      if (message !== undefined) this.#answers.set(message.transactionIdHex, message);
    });
  }

  /** Whether there is a server; asked without a credential, and not twice. */
  async isAnswered(): Promise<boolean> {
    const request = new Message(methods.BINDING, classes.REQUEST);
    this.#send(request);
    return until('an answer', () => this.#answers.has(request.transactionIdHex), { withinMs: 100 }).catch(() => false);
  }

  /** Asks for a relay. */
  allocate(transport: keyof typeof transportNumbers = 'udp'): Promise<Verdict> {
    return this.#ask(methods.ALLOCATE, (request) =>
      request
        .setAttribute('REQUESTED-TRANSPORT', transportNumbers[transport] << 24)
        .setAttribute('REQUESTED-ADDRESS-FAMILY', addressFamilies[this.#family] << 24),
    );
  }

  /** Asks to keep the relay. */
  refresh(): Promise<Verdict> {
    return this.#ask(methods.REFRESH, (request) => request.setAttribute('LIFETIME', 600));
  }

  /** Asks to exchange packets with that address. None is sent. */
  permit(address: string): Promise<Verdict> {
    return this.#ask(methods.CREATE_PERMISSION, (request) => request.setAttribute('XOR-PEER-ADDRESS', [address, 9]));
  }

  close(): void {
    this.#socket.close();
  }

  async #ask(method: methods, fill: (request: Message) => Message): Promise<Verdict> {
    const answer = await this.#exchange(this.#signed(fill(new Message(method, classes.REQUEST))));
    const verdict = verdictOf(answer);
    if (verdict !== 438 && (verdict !== 401 || this.#challenge !== null)) return verdict;
    this.#challenge = { realm: answer.getAttributeValue('REALM') as string, nonce: answer.getAttributeValue('NONCE') as Buffer };
    return verdictOf(await this.#exchange(this.#signed(fill(new Message(method, classes.REQUEST)))));
  }

  #signed(request: Message): Message {
    if (this.#challenge === null) return request;
    const { realm, nonce } = this.#challenge;
    const { username, credential } = this.#login;
    return request
      .setAttribute('USERNAME', username)
      .setAttribute('REALM', realm)
      .setAttribute('NONCE', nonce)
      .addMessageIntegrity(makeIntegrityKey(username, realm, credential))
      .addFingerprint();
  }

  async #exchange(request: Message): Promise<Message> {
    this.#send(request);
    const again = setInterval(() => this.#send(request), resendAfterMs);
    try {
      return await until('an answer of the TURN server', () => this.#answers.get(request.transactionIdHex));
    } finally {
      clearInterval(again);
    }
  }

  #send(request: Message): void {
    this.#socket.send(request.bytes, this.#port, loopback[this.#family]);
  }
}

function verdictOf(answer: Message): Verdict {
  return answer.messageClass === classes.RESPONSE ? 'granted' : (answer.getAttributeValue('ERROR-CODE') as [number, string])[0];
}
