import { pause } from './backoff.js';
import type { Call } from './call.js';
import type { ConnectionState } from './connection.js';
import { Emitter, reportingThrows } from './emitter.js';
import { SwitchboardError } from './errors.js';
import type { LoginInput, RegisterInput, SessionPartsFragment } from './gql/graphql.js';
import { post } from './http.js';
import { Link } from './link.js';
import type { Operation } from './operation.js';
import { createCallOperation, findUserOperation, loginOperation, logoutOperation, registerOperation } from './operations.js';
import { mayPass, retrying } from './retry.js';
import { SessionKeeper } from './session.js';
import { memoryStore } from './session-store.js';
import { keepOpen } from './stream.js';
import type { CallOptions, SwitchboardEvents, SwitchboardOptions } from './switchboard-options.js';

const goodbyeWithinMs = 3_000;

/**
 * A device of a user: signs in, calls, is called. One for a page.
 *
 * @example
 * ```ts
 * const phone = new Switchboard({ url: 'https://calls.example.com/graphql', store: browserStore() });
 * phone.on('incoming', (call) => call.accept({ stream }));
 * await phone.signIn({ username: 'ana', password: 'correct horse' });
 * const call = await phone.call('ben', { stream });
 * video.srcObject = call.remoteStream;
 * ```
 */
export class Switchboard extends Emitter<SwitchboardEvents> {
  readonly #options: SwitchboardOptions;
  readonly #url: string;
  readonly #keeper: SessionKeeper;
  #link: Link | null = null;
  #resuming: Promise<boolean> | null = null;
  #cursor: string | null;

  constructor(options: SwitchboardOptions = {}) {
    super();
    this.#options = options;
    this.#cursor = options.after ?? null;
    this.#url = new URL(options.url ?? '/graphql', globalThis.location?.href).href;
    this.#keeper = new SessionKeeper({
      url: this.#url,
      store: options.store ?? memoryStore(),
      onOver: () => {
        void this.#leave();
        this.emit('signedOut', null);
      },
    });
  }

  /** Who is signed in; null where nobody is. */
  get user(): SessionPartsFragment['user'] | null {
    return this.#keeper.current?.user ?? null;
  }

  /** This device of theirs. */
  get device(): SessionPartsFragment['device'] | null {
    return this.#keeper.current?.device ?? null;
  }

  get connectionState(): ConnectionState {
    return this.#link?.connection.state ?? 'closed';
  }

  /** Calls that have not ended, those that another device has answered included. */
  get calls(): Call[] {
    return this.#link?.book.calls ?? [];
  }

  /** Of the last event that was handled: give it as `after` to go on there. */
  get cursor(): string | null {
    return this.#link?.cursor ?? this.#cursor;
  }

  /** Milliseconds by the server's clock: what `ringExpiresAt` is to be compared with. */
  now(): number {
    return Date.now() + (this.#link?.clockAheadMs ?? 0);
  }

  /**
   * An access token that is good now, for the application's own requests; renewed first where it has to be. Waits as long
   * as there is no network, rejects with UNAUTHENTICATED where nobody is signed in any more.
   *
   * @example
   * ```ts
   * const response = await fetch('/contacts', { headers: { authorization: `Bearer ${await phone.accessToken()}` } });
   * ```
   */
  accessToken(): Promise<string> {
    return this.#keeper.token();
  }

  /** A new account, signed in and connected. Rejects with USERNAME_TAKEN, or with BAD_INPUT that names the field. */
  async register(input: RegisterInput): Promise<void> {
    await this.#enter((await post(this.#url, registerOperation, { input })).register);
  }

  /** Signs this device in and connects. Rejects with INVALID_CREDENTIALS. */
  async signIn(input: LoginInput): Promise<void> {
    await this.#enter((await post(this.#url, loginOperation, { input })).login);
  }

  /** Goes on with the session of the store; false where there is none. */
  async resume(): Promise<boolean> {
    return (this.#resuming ??= this.#resume().finally(() => (this.#resuming = null)));
  }

  /** Resolves when the server has told what is: from then on `calls` are the live ones, of a page that was reloaded too. */
  async ready(): Promise<void> {
    await this.#must().ready;
  }

  /**
   * Ends the session on the server and here; a call of this device ends as by `hangUp`. Where the server cannot be reached
   * within three seconds it ends here alone, and there when its refresh token expires or `revokeDevice` ends it.
   */
  async signOut(): Promise<void> {
    const answered = new AbortController();
    await Promise.race([this.#sayGoodbye().finally(() => answered.abort()), pause(goodbyeWithinMs, answered.signal)]);
    await this.#keeper.end();
    await this.#leave();
  }

  /** Disconnects, and stays signed in: `resume` connects again. */
  async close(): Promise<void> {
    await this.#leave();
  }

  /**
   * Calls somebody, by id or username. A callee who is busy is no error: the call comes back ended, with `endReason` BUSY.
   * Where the two call each other at once it is *their* call, answered. Rejects with ALREADY_IN_CALL where this user is in
   * one, with NOT_FOUND where there is nobody of that name.
   */
  async call(callee: string, { stream, signal, ...options }: CallOptions = {}): Promise<Call> {
    const { connection, book } = this.#must();
    const calleeId = isId(callee) ? callee : await this.#idOf(callee, signal);
    const input = { ...options, calleeId, key: crypto.randomUUID() };
    const { createCall } = await retrying(() => connection.request(createCallOperation, { input }, signal), signal);
    return book.begin(createCall, stream === undefined ? {} : { stream });
  }

  /**
   * Any other query or mutation. It is sent again after a lost connection, so it has to be safe to repeat; what the server
   * refuses rejects with a `SwitchboardError`.
   *
   * @example
   * ```ts
   * const { users } = await phone.request(operations.searchUsersOperation, { search: 'ben' });
   * ```
   */
  request<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables): Promise<Data> {
    return this.#must().connection.request(operation, variables);
  }

  /**
   * Any other subscription, opened again after a lost connection; `onData` is called for each result. Returns what ends it.
   *
   * @example
   * ```ts
   * const stop = phone.subscribe(operations.presenceSubscription, { userIds }, ({ presence }) => {
   *   console.log(presence.id, presence.online);
   * });
   * ```
   */
  subscribe<Data, Variables>(operation: Operation<Data, Variables>, variables: Variables, onData: (data: Data) => void): () => void {
    const { connection } = this.#must();
    const over = new AbortController();
    void keepOpen<Data>({
      open: (sink) => connection.subscribe(operation, variables, sink),
      onData,
      goesOn: (error) => {
        if (error !== null) this.emit('error', error);
        return error === null || mayPass(error);
      },
      signal: over.signal,
    });
    return () => over.abort();
  }

  override on<Name extends keyof SwitchboardEvents>(name: Name, listener: (detail: SwitchboardEvents[Name]) => void): () => void {
    const off = super.on(name, listener);
    if (name === 'incoming')
      for (const call of this.#link?.book.ringing ?? []) reportingThrows(() => listener(call as SwitchboardEvents[Name]));
    return off;
  }

  async #resume(): Promise<boolean> {
    if (this.#link !== null && !this.#link.connection.isClosed) return true;
    if ((await this.#keeper.restore()) === null) return false;
    this.#connect();
    return true;
  }

  async #sayGoodbye(): Promise<void> {
    const { device } = this;
    const mine = this.calls.filter(({ info }) => [info.callerDeviceId, info.calleeDeviceId].includes(device?.id ?? ''));
    await Promise.allSettled(mine.map((call) => call.hangUp()));
    await this.#link?.connection.request(logoutOperation, {}).catch(() => undefined);
  }

  async #enter(session: SessionPartsFragment): Promise<void> {
    await this.#leave();
    this.#cursor = null;
    await this.#keeper.begin(session);
    this.#connect();
  }

  #connect(): void {
    const former = this.#link;
    this.#link = new Link(this.#options, {
      url: this.#url,
      keeper: this.#keeper,
      after: this.cursor,
      onState: (state) => this.emit('connection', state),
      onIncoming: (call) => this.emit('incoming', call),
      onEvent: (event) => this.emit('event', event),
      onFailure: (error) => this.emit('error', error),
    });
    this.#link.open();
    void former?.close();
  }

  async #leave(): Promise<void> {
    const link = this.#link;
    if (link === null) return;
    this.#cursor = link.cursor;
    this.#link = null;
    this.#keeper.rest();
    await link.close();
  }

  async #idOf(username: string, signal?: AbortSignal): Promise<string> {
    const { user } = await retrying(() => this.#must().connection.request(findUserOperation, { username }, signal), signal);
    if (user === null) throw new SwitchboardError('NOT_FOUND', `There is no user ${username}.`, { field: 'username' });
    return user.id;
  }

  #must(): Link {
    if (this.#link === null) throw new SwitchboardError('UNAUTHENTICATED', 'Nobody is signed in: register, sign in or resume first.');
    return this.#link;
  }
}

/** A username has at most 32 characters, an id 36. */
function isId(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
