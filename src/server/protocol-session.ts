import { GraphQLError, type ExecutionArgs, type ExecutionResult, type GraphQLFormattedError } from 'graphql';
import { CloseCode, MessageType, parseMessage, type Message, type SubscribePayload } from 'graphql-ws';
import { openSubscription, runOperation, type OpenedSubscription } from '../graphql/execution-plan.js';

/** The socket that a session talks over. */
export interface Peer {
  /** A promise where the other side is behind in reading: whoever delivers in a loop waits for it. */
  send(frame: string): Promise<void> | undefined;
  close(code: number, reason: string): void;
}

/** An operation that may run, or why not. */
export type PreparedOperation =
  | { readonly args: ExecutionArgs; readonly isSubscription: boolean; readonly errors?: never }
  | { readonly errors: readonly GraphQLError[] };

/** What a session asks of the server it belongs to. */
export interface SessionHost {
  /** False closes the socket with 4403. */
  connect(parameters: Record<string, unknown>): Promise<boolean>;
  prepare(payload: SubscribePayload): PreparedOperation | Promise<PreparedOperation>;
  /** An operation was answered without an error, or its stream opened. */
  succeeded(): void;
  /** What is told of errors. */
  refused(errors: readonly GraphQLError[]): readonly GraphQLFormattedError[];
  /** An operation that `prepare` has let run is answered: a subscription, when its stream is open. */
  answered(): void;
  /** A subscription that `prepare` has let run is over, whoever has ended it. */
  unsubscribed(): void;
  /** Nothing that a client should see. */
  failed(error: unknown): void;
}

const initialisationTimeoutMs = 3_000;

/** Of an operation: it is kept as long as that. Clients count, or take a UUID. */
const longestId = 128;

interface Operation {
  readonly id: string;
  /** Until it is answered, completed, or its socket closed. */
  isWanted: boolean;
  isSubscription: boolean;
  events: AsyncIterator<unknown, unknown> | null;
}

/**
 * The server's side of graphql-transport-ws for one socket
 * (https://github.com/graphql/graphql-over-http/blob/main/rfcs/GraphQLOverWebSocket.md), written for signals: an answer
 * and an event are made into text once, with no promise between the result and the socket. graphql-ws's own side costs
 * a quarter of all that a signal costs (docs/decisions/0019); how a message looks it says here too.
 *
 * An operation is known by itself, not by its id: that is free again as soon as its client completes it.
 */
export class ProtocolSession {
  readonly #peer: Peer;
  readonly #host: SessionHost;
  /** A few. A Map that is added to and deleted from all the time is garbage that grows old (docs/decisions/0021). */
  #operations: Operation[] = [];
  readonly #initialisation: NodeJS.Timeout;
  #isInitialised = false;
  #isAcknowledged = false;

  constructor(peer: Peer, host: SessionHost) {
    this.#peer = peer;
    this.#host = host;
    const late = (): void => peer.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
    this.#initialisation = setTimeout(late, initialisationTimeoutMs);
  }

  /** Begins what the message asks for, before it returns. Throws where it is nested too deeply to be handled. */
  handle(text: string): void {
    const message = read(text);
    switch (message?.type) {
      case MessageType.Subscribe:
        return this.#subscribe(message.id, message.payload);
      case MessageType.Complete:
        return this.#complete(message.id);
      case MessageType.ConnectionInit:
        return this.#initialise(message.payload ?? {});
      case MessageType.Ping:
        return void this.#peer.send(JSON.stringify({ type: MessageType.Pong, payload: message.payload ?? undefined }));
      case MessageType.Pong:
        return;
      default:
        return this.#peer.close(CloseCode.BadRequest, 'Invalid message received');
    }
  }

  /** The socket is closed: nothing is told any more, and its streams end. */
  async close(): Promise<void> {
    clearTimeout(this.#initialisation);
    const ended = this.#operations;
    this.#operations = [];
    for (const operation of ended) operation.isWanted = false;
    await Promise.all(ended.map(async ({ events }) => events?.return?.()));
  }

  #initialise(parameters: Record<string, unknown>): void {
    if (this.#isInitialised) return this.#peer.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
    this.#isInitialised = true;
    clearTimeout(this.#initialisation);
    this.#host
      .connect(parameters)
      .then((isWelcome) => {
        if (!isWelcome) return this.#peer.close(CloseCode.Forbidden, 'Forbidden');
        this.#isAcknowledged = true;
        void this.#peer.send(JSON.stringify({ type: MessageType.ConnectionAck }));
      })
      .catch((error: unknown) => this.#host.failed(error));
  }

  #subscribe(id: string, payload: SubscribePayload): void {
    if (!this.#isAcknowledged) return this.#peer.close(CloseCode.Unauthorized, 'Unauthorized');
    if (id.length > longestId) return this.#peer.close(CloseCode.BadRequest, 'The id is too long');
    if (this.#find(id) !== undefined) return this.#peer.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
    const operation: Operation = { id, isWanted: true, isSubscription: false, events: null };
    this.#operations.push(operation);
    const prepared = this.#host.prepare(payload);
    if (!(prepared instanceof Promise)) return this.#run(operation, prepared);
    prepared.then((it) => this.#run(operation, it)).catch((error: unknown) => this.#host.failed(error));
  }

  #complete(id: string): void {
    const operation = this.#find(id);
    if (operation === undefined) return;
    this.#leave(operation);
    operation.events?.return?.().catch((error: unknown) => this.#host.failed(error));
  }

  #run(operation: Operation, prepared: PreparedOperation): void {
    if (prepared.errors !== undefined) return this.#refuse(operation, prepared.errors);
    // It was completed before it had its turn.
    if (!operation.isWanted) return this.#forget(prepared.isSubscription);
    operation.isSubscription = prepared.isSubscription;
    if (prepared.isSubscription) return void this.#stream(operation, prepared.args).catch((error: unknown) => this.#host.failed(error));
    const result = runOperation(prepared.args);
    if (!('then' in result)) return this.#answer(operation, result);
    result.then((it) => this.#answer(operation, it)).catch((error: unknown) => this.#host.failed(error));
  }

  #answer(operation: Operation, result: ExecutionResult): void {
    if (result.errors === undefined) this.#host.succeeded();
    if (operation.isWanted) {
      void this.#next(operation, result);
      this.#finish(operation);
    }
    this.#host.answered();
  }

  async #stream(operation: Operation, args: ExecutionArgs): Promise<void> {
    const opened = await openSubscription(args);
    if (opened.errors !== undefined) return this.#answer(operation, opened);
    this.#host.succeeded();
    this.#host.answered();
    operation.events = opened.events;
    try {
      await this.#tell(operation, opened);
      if (operation.isWanted) this.#finish(operation);
    } catch (error) {
      this.#refuse(operation, [new GraphQLError('', { originalError: error as Error })]);
    } finally {
      await opened.events.return?.();
    }
  }

  /** Until the stream is over, or nobody wants it any more, or an event could not be told: whoever took the cursors behind that one would never have it. */
  async #tell(operation: Operation, { events, tell }: OpenedSubscription): Promise<void> {
    while (operation.isWanted) {
      const { value, done } = await events.next();
      if (done === true) return;
      const told = tell(value);
      const answer = typeof told !== 'string' && 'then' in told ? await told : told;
      if (!operation.isWanted) return;
      const isText = typeof answer === 'string';
      const unread = isText ? this.#say(operation, answer) : this.#next(operation, answer);
      if (!isText && answer.data == null) return;
      if (unread !== undefined) await unread;
    }
  }

  #find(id: string): Operation | undefined {
    return this.#operations.find((operation) => operation.id === id);
  }

  #next(operation: Operation, { data, errors }: ExecutionResult): Promise<void> | undefined {
    return this.#say(operation, JSON.stringify(errors === undefined ? { data } : { data, errors: this.#host.refused(errors) }));
  }

  /** `payload` is JSON. */
  #say({ id }: Operation, payload: string): Promise<void> | undefined {
    return this.#peer.send(`{"id":${JSON.stringify(id)},"type":"next","payload":${payload}}`);
  }

  #finish(operation: Operation): void {
    this.#leave(operation);
    void this.#peer.send(`{"id":${JSON.stringify(operation.id)},"type":"complete"}`);
  }

  #refuse(operation: Operation, errors: readonly GraphQLError[]): void {
    const payload = this.#host.refused(errors);
    if (!operation.isWanted) return;
    this.#leave(operation);
    void this.#peer.send(JSON.stringify({ id: operation.id, type: MessageType.Error, payload }));
  }

  #forget(isSubscription: boolean): void {
    this.#host.answered();
    if (isSubscription) this.#host.unsubscribed();
  }

  #leave(operation: Operation): void {
    operation.isWanted = false;
    this.#operations.splice(this.#operations.indexOf(operation), 1);
    if (operation.isSubscription) this.#host.unsubscribed();
  }
}

/** Undefined where it is no message of the protocol. */
function read(text: string): Message | undefined {
  try {
    return parseMessage(text);
  } catch {
    return undefined;
  }
}
