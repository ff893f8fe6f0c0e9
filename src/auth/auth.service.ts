import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '../errors.js';
import { requireDisplayName } from '../users/display-name.js';
import type { Rates } from '../rates.js';
import type { UserRow } from '../users/user.entity.js';
import type { Credentials, UserRepository } from '../users/user.repository.js';
import { foldName, parseUsername, requireUsername } from '../users/username.js';
import type { AccountRepository } from './account.repository.js';
import type { AccessTokens } from './access-token.js';
import type { DeviceRow } from './device.entity.js';
import type { DeviceService, ViewedDevice } from './device.service.js';
import type { PasswordHasher } from './password-hasher.js';
import { requirePassword } from './password.js';
import { createRefreshSalt, createRefreshToken, nextRefreshToken, parseRefreshToken, type RefreshToken } from './refresh-token.js';
import type { NewDevice, SessionRepository } from './session.repository.js';
import type { Viewer } from './viewer.js';

export interface AuthServiceCollaborators {
  readonly accounts: AccountRepository;
  readonly sessions: SessionRepository;
  readonly users: UserRepository;
  readonly devices: DeviceService;
  readonly hasher: PasswordHasher;
  readonly tokens: AccessTokens;
  readonly rates: Pick<Rates, 'take'>;
  readonly refreshTokenDays: number;
}

export interface Registration {
  readonly username: string;
  readonly password: string;
  readonly displayName?: string | null;
  readonly deviceName?: string | null;
}

export interface Login {
  readonly username: string;
  readonly password: string;
  readonly deviceName?: string | null;
}

export interface SessionData {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly refreshToken: string;
  readonly user: UserRow;
  readonly device: ViewedDevice;
}

/** Whoever else writes to an account is done in milliseconds. */
const deletionRounds = 30;
const deletionPauseMs = 50;

/** Accounts and the sessions of their devices. */
export class AuthService {
  readonly #accounts: AccountRepository;
  readonly #sessions: SessionRepository;
  readonly #users: UserRepository;
  readonly #devices: DeviceService;
  readonly #hasher: PasswordHasher;
  readonly #tokens: AccessTokens;
  readonly #rates: Pick<Rates, 'take'>;
  readonly #refreshDays: number;

  constructor(parts: AuthServiceCollaborators) {
    this.#accounts = parts.accounts;
    this.#sessions = parts.sessions;
    this.#users = parts.users;
    this.#devices = parts.devices;
    this.#hasher = parts.hasher;
    this.#tokens = parts.tokens;
    this.#rates = parts.rates;
    this.#refreshDays = parts.refreshTokenDays;
  }

  /** `address`: where it comes from, as rates count it. */
  async register(input: Registration, address: string): Promise<SessionData> {
    await this.#rates.take('LIMIT_LOGINS_PER_MINUTE', `address ${address}`);
    const username = requireUsername(input.username);
    const password = requirePassword('password', input.password);
    const displayName = input.displayName == null ? username : requireDisplayName('displayName', input.displayName);
    const refresh = createRefreshToken();
    const device = this.#newDevice(input.deviceName, refresh);
    const account = {
      id: randomUUID(),
      username,
      usernameKey: foldName(username),
      displayName,
      displayNameKey: foldName(displayName),
      passwordHash: await this.#hasher.hash(password),
    };
    const registered = await this.#sessions.register(account, device);
    if (registered === null) throw new AppError('USERNAME_TAKEN', 'Somebody has this username.', { field: 'username' });
    const user = { id: account.id, username, displayName, createdAt: registered.userCreatedAt };
    return this.#session(user, registered.device, refresh);
  }

  /**
   * A user who does not exist and a password that is wrong are told apart neither by the error nor by the time. Counted by
   * account too, for guesses that come from many addresses: whoever makes them keeps its owner from logging in meanwhile,
   * but signed-in devices stay so. `address`: where it comes from, as rates count it.
   */
  async login(input: Login, address: string): Promise<SessionData> {
    await this.#rates.take('LIMIT_LOGINS_PER_MINUTE', `address ${address}`);
    const refresh = createRefreshToken();
    const newDevice = this.#newDevice(input.deviceName, refresh);
    const username = parseUsername(input.username);
    if (username !== null) await this.#rates.take('LIMIT_LOGINS_PER_MINUTE', `account ${foldName(username)}`);
    const credentials = await this.#hasher.verified(input.password, async () =>
      username === null ? null : this.#users.findCredentials({ usernameKey: foldName(username) }),
    );
    if (credentials === null) throw invalidCredentials();
    const device = await this.#sessions.signIn(credentials.userId, credentials.passwordHash, newDevice);
    const user = await this.#users.findById(credentials.userId);
    if (device === null || user === null) throw invalidCredentials();
    return this.#session(user, device, refresh);
  }

  /**
   * A new session of the same device. The token that was traded in is forgiven for 20 seconds, for an answer that was
   * lost: it gives the same next token again. Any later use of it, or of an older one, ends the device's session.
   * `address`: where it comes from, as rates count it; each costs a transaction.
   */
  async refresh(refreshToken: string, address: string): Promise<SessionData> {
    await this.#rates.take('LIMIT_REQUESTS_PER_MINUTE', `sessions ${address}`);
    const presented = parseRefreshToken(refreshToken);
    if (presented === null) throw sessionEnded();
    const salt = createRefreshSalt();
    const nextSecretHash = nextRefreshToken(presented, salt).secretHash;
    const outcome = await this.#sessions.renew({ presented, nextSecretHash, salt, refreshDays: this.#refreshDays });
    if (outcome.kind === 'reused') await this.#devices.afterRevocation([{ userId: outcome.userId, deviceId: outcome.deviceId }]);
    if (outcome.kind !== 'renewed') throw sessionEnded();
    const user = await this.#users.findById(outcome.userId);
    if (user === null) throw sessionEnded();
    return this.#renewedSession(user, outcome.device, nextRefreshToken(presented, outcome.salt));
  }

  /** Signs out every other device and gives this one a new session. */
  async changePassword(viewer: Viewer, current: string, next: string): Promise<SessionData> {
    requirePassword('next', next);
    const { userId, deviceId } = viewer;
    const [credentials, user] = await Promise.all([this.#confirm(viewer, current), this.#users.findById(userId)]);
    if (user === null) throw sessionEnded();
    const refresh = createRefreshToken();
    const outcome = await this.#sessions.changePassword({
      userId,
      deviceId,
      currentHash: credentials.passwordHash,
      nextHash: await this.#hasher.hash(next),
      refresh,
      refreshDays: this.#refreshDays,
    });
    if (outcome.kind === 'passwordDiffers') throw invalidCredentials();
    if (outcome.kind === 'deviceRevoked') throw sessionEnded();
    await this.#devices.afterRevocation(outcome.revokedDeviceIds.map((revoked) => ({ userId, deviceId: revoked })));
    return this.#renewedSession(user, outcome.device, refresh);
  }

  /** Ends the viewer's calls and sessions, and the account. What others have of them keeps a stub. */
  async deleteAccount(viewer: Viewer, password: string): Promise<boolean> {
    const { userId, passwordHash } = await this.#confirm(viewer, password);
    for (let round = 0; round < deletionRounds; round += 1) {
      const deletion = await this.#accounts.delete(userId, passwordHash);
      switch (deletion.kind) {
        case 'gone':
          throw sessionEnded();
        case 'password-differs':
          throw invalidCredentials();
        case 'deleted':
          this.#devices.afterDeletion(deletion.deviceIds, deletion.ended);
          return true;
        case 'held':
          // At a moment of chance: not in step with what holds it.
          await pause(Math.random() * deletionPauseMs);
      }
    }
    throw new AppError('TOO_BUSY', 'The account could not be deleted now.', { retryAfterMs: 500 });
  }

  async logout(viewer: Viewer): Promise<boolean> {
    await this.#devices.leave(viewer);
    return true;
  }

  /** Who shows this access token; null where it is not good, or its device's session has ended. */
  async authenticate(accessToken: string): Promise<Viewer | null> {
    const viewer = this.#tokens.verify(accessToken);
    return viewer !== null && (await this.#devices.isLive(viewer.deviceId)) ? viewer : null;
  }

  /** Who is signed in says by the password that it is really them. Each call is a guess that somebody else may be making. */
  async #confirm({ userId }: Viewer, password: string): Promise<Credentials> {
    await this.#rates.take('LIMIT_LOGINS_PER_MINUTE', `account ${userId}`);
    const credentials = await this.#users.findCredentials({ id: userId });
    if (credentials === null) throw sessionEnded();
    if (!(await this.#hasher.matches(password, credentials.passwordHash))) throw invalidCredentials();
    return credentials;
  }

  #newDevice(deviceName: string | null | undefined, refresh: RefreshToken): NewDevice {
    const name = deviceName == null ? 'Unnamed device' : requireDisplayName('deviceName', deviceName);
    return { id: randomUUID(), name, refresh, refreshDays: this.#refreshDays };
  }

  #renewedSession(user: UserRow, device: DeviceRow, refresh: RefreshToken): SessionData {
    const session = this.#session(user, device, refresh);
    this.#devices.announceRenewed(device.id, session.expiresAt);
    return session;
  }

  #session(user: UserRow, device: DeviceRow, refresh: RefreshToken): SessionData {
    const token = this.#tokens.issue(user.id, device.id);
    return { ...token, refreshToken: refresh.text, user, device: { ...device, current: true } };
  }
}

function invalidCredentials(): AppError {
  return new AppError('INVALID_CREDENTIALS', 'Username and password do not match.');
}

function sessionEnded(): AppError {
  return new AppError('UNAUTHENTICATED', 'This session has ended. Log in again.');
}
