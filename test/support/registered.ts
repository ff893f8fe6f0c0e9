import { setTimeout as pause } from 'node:timers/promises';
import type { SessionPartsFragment } from '../../src/client/gql/graphql.js';
import { registerOperation } from '../../src/client/operations.js';
import { ApiError, run } from './api.js';

const password = 'correct horse';

/** Somebody new. Many at once are told to wait where passwords are hashed, and wait, as any client does. */
export async function registered(url: string, username: string): Promise<SessionPartsFragment> {
  for (;;) {
    try {
      return (await run(url, null, registerOperation, { input: { username, password, deviceName: 'phone' } })).register;
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'TOO_BUSY') throw error;
      await pause(Number(error.extensions?.['retryAfterMs']));
    }
  }
}
