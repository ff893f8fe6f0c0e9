import type { WebSocket } from 'ws';

const CREATE = 'mutation ($input: CreateCallInput!) { createCall(input: $input) { id status } }';
const ACCEPT = 'mutation ($id: ID!) { acceptCall(id: $id) { id status } }';
const END = 'mutation ($id: ID!) { endCall(id: $id) { id status } }';

interface Frame {
  readonly type: string;
  readonly id: string;
  readonly payload?: { readonly data?: Readonly<Record<string, { readonly id: string; readonly status: string }>> | null };
}

/** Two who call each other again and again over their sockets, whose inboxes are open: both are told of each step. */
export class CallLoop {
  readonly #caller: Asker;
  readonly #callee: Asker;
  readonly #calleeId: string;

  constructor(caller: WebSocket, callee: WebSocket, calleeId: string) {
    this.#caller = new Asker(caller);
    this.#callee = new Asker(callee);
    this.#calleeId = calleeId;
  }

  async callOnce(): Promise<void> {
    const { id } = await this.#caller.ask(CREATE, { input: { calleeId: this.#calleeId } }, ['RINGING', 'CREATED']);
    await this.#callee.ask(ACCEPT, { id }, ['ACTIVE']);
    await this.#caller.ask(END, { id }, ['ENDED']);
  }

  stop(): void {
    this.#caller.stop();
    this.#callee.stop();
  }
}

class Asker {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<string, (frame: Frame, text: string) => void>();
  #asked = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      const frame = JSON.parse(text) as Frame;
      if (frame.type === 'ping') socket.send('{"type":"pong"}');
      if (frame.type === 'next' || frame.type === 'error') this.#waiting.get(frame.id)?.(frame, text);
    });
  }

  ask(query: string, variables: object, statuses: readonly string[]): Promise<{ readonly id: string }> {
    const id = `${(this.#asked += 1)}`;
    this.#socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
    return new Promise((resolve, reject) =>
      this.#waiting.set(id, (frame, text) => {
        this.#waiting.delete(id);
        const [call] = Object.values(frame.payload?.data ?? {});
        if (call !== undefined && statuses.includes(call.status)) resolve(call);
        else reject(new Error(`The program answered ${text}`));
      }),
    );
  }

  stop(): void {
    this.#socket.terminate();
  }
}
