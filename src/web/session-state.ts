import { operations, type Switchboard } from '../client/index.js';
import { Store } from './store.js';

/** Who is signed in in this tab. */
export type Session =
  | { readonly phase: 'resuming' }
  | {
      readonly phase: 'out';
      /** Why, where the user did not ask for it; and who it was. */
      readonly because: string | null;
      readonly username: string;
    }
  | {
      readonly phase: 'in';
      readonly user: NonNullable<Switchboard['user']>;
      readonly device: NonNullable<Switchboard['device']>;
    };

export interface Credentials {
  readonly username: string;
  readonly password: string;
  readonly displayName: string;
  readonly deviceName: string;
}

export class SessionState extends Store<Session> {
  readonly #phone: Switchboard;
  #isDeleted = false;

  constructor(phone: Switchboard) {
    super({ phase: 'resuming' });
    this.#phone = phone;
    phone.on('signedOut', () =>
      this.#left(this.#isDeleted ? 'Your account is deleted.' : 'This device was signed out. Log in again to go on.'),
    );
  }

  /** Goes on with what the tab has kept. */
  async start(): Promise<void> {
    if (await this.#phone.resume()) this.#entered();
    else this.#left(null);
  }

  /** Rejects with what the server refuses. */
  async enter(mode: 'register' | 'login', { username, password, displayName, deviceName }: Credentials): Promise<void> {
    const device = deviceName === '' ? {} : { deviceName };
    if (mode === 'login') await this.#phone.signIn({ username, password, ...device });
    else await this.#phone.register({ username, password, ...device, ...(displayName === '' ? {} : { displayName }) });
    this.#entered();
  }

  async leave(): Promise<void> {
    await this.#phone.signOut();
    this.#left(null);
  }

  /** Rejects with what the server refuses. The socket is closed behind the answer, and that signs this tab out as any other. */
  async deleteAccount(password: string): Promise<void> {
    await this.#phone.request(operations.deleteAccountOperation, { password });
    this.#isDeleted = true;
  }

  #left(because: string | null): void {
    const username = because !== null && !this.#isDeleted && this.value.phase === 'in' ? this.value.user.username : '';
    this.#isDeleted = false;
    this.set({ phase: 'out', because, username });
  }

  #entered(): void {
    const { user, device } = this.#phone;
    if (user !== null && device !== null) this.set({ phase: 'in', user, device });
  }
}
