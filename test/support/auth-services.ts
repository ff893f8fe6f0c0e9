import { randomBytes } from 'node:crypto';
import { AccountRepository } from '../../src/auth/account.repository.js';
import { AccessTokens } from '../../src/auth/access-token.js';
import { AuthService } from '../../src/auth/auth.service.js';
import type { DeviceOfUser } from '../../src/auth/device-calls.js';
import { DeviceRepository } from '../../src/auth/device.repository.js';
import { DeviceService } from '../../src/auth/device.service.js';
import { PasswordHasher } from '../../src/auth/password-hasher.js';
import { SessionRepository } from '../../src/auth/session.repository.js';
import type { Viewer } from '../../src/auth/viewer.js';
import { Database } from '../../src/db/database.js';
import { loadConfig } from '../../src/config.js';
import { createLogger } from '../../src/logger.js';
import { Rates } from '../../src/rates.js';
import { entities } from '../../src/storage.js';
import { UserRepository } from '../../src/users/user.repository.js';
import { UserService } from '../../src/users/user.service.js';
import { createDatabase } from './database.js';
import { quickEnvironment } from './environment.js';

export const password = 'correct horse battery';
/** The address that all of them come from. */
export const here = '127.0.0.1';

/** What the calls feature was told, in order. */
export interface ToldCalls {
  left: DeviceOfUser[];
  revoked: DeviceOfUser[];
}

/** Accounts and sessions on a database of their own, as a node builds them. */
export async function openAuthServices({ bcryptCost = 4 } = {}) {
  const logger = createLogger('silent');
  const url = await createDatabase();
  const database = await Database.open(url, entities);
  const told: ToldCalls = { left: [], revoked: [] };
  const calls = {
    deviceLeft: (device: DeviceOfUser) => Promise.resolve(void told.left.push(device)),
    deviceRevoked: (device: DeviceOfUser) => Promise.resolve(void told.revoked.push(device)),
    accountDeleted: () => undefined,
  };
  const hasher = new PasswordHasher({ cost: bcryptCost });
  const tokens = new AccessTokens({
    keys: [{ kid: 'test', secret: randomBytes(32).toString('hex') }],
    lifetimeSeconds: 900,
    nowMs: Date.now,
  });
  const userRepository = new UserRepository(database);
  const { limits } = loadConfig({ ...quickEnvironment, DATABASE_URL: url });
  const rates = await Rates.create({ limits, redisUrl: null, logger });

  function startNode() {
    const devices = new DeviceService({ devices: new DeviceRepository(database), calls, logger, seenToSeconds: 60 });
    const sessions = new SessionRepository(database);
    const accounts = new AccountRepository({ database, slotUs: 1 });
    const auth = new AuthService({ accounts, sessions, users: userRepository, devices, hasher, tokens, rates, refreshTokenDays: 30 });
    return { auth, devices };
  }

  const node = startNode();
  return {
    ...node,
    database,
    hasher,
    tokens,
    told,
    calls,
    users: new UserService({ users: userRepository, rates }),
    /** A second node on the same database: it shares nothing in memory. */
    startNode,
    async viewerOf({ accessToken }: { accessToken: string }): Promise<Viewer> {
      const viewer = await node.auth.authenticate(accessToken);
      if (viewer === null) throw new Error('The access token is not good.');
      return viewer;
    },
    /** Moves the device's last renewal into the past, as if so many seconds had gone by. */
    async letPass(seconds: number, deviceId: string): Promise<void> {
      const text =
        'UPDATE device SET refreshed_at = refreshed_at - make_interval(secs => $1), refresh_expires_at = refresh_expires_at - make_interval(secs => $1), last_seen_at = last_seen_at - make_interval(secs => $1) WHERE id = $2';
      await database.query({ name: 'let-pass', text }, [seconds, deviceId]);
    },
    async close(): Promise<void> {
      await Promise.all([hasher.stop(), database.close()]);
    },
  };
}

export type AuthServices = Awaited<ReturnType<typeof openAuthServices>>;
