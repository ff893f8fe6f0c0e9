import type { SessionPartsFragment } from '../../src/client/gql/graphql.js';
import { registerOperation } from '../../src/client/operations.js';
import { run } from './api.js';
import type { Addresses } from './talker.js';

const atOnce = 16;
let crowds = 0;

/** That many new people, each signed in on one device; a few at a time. */
export async function gather(server: Addresses, count: number): Promise<SessionPartsFragment[]> {
  const crowd = (crowds += 1);
  const sessions: SessionPartsFragment[] = [];
  for (let from = 0; from < count; from += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - from) }, (_, n) => from + n);
    sessions.push(...(await Promise.all(numbers.map((n) => signUp(server, `crowd-${process.pid}-${crowd}-${n}`)))));
  }
  return sessions;
}

async function signUp(server: Addresses, username: string): Promise<SessionPartsFragment> {
  return (await run(server.url, null, registerOperation, { input: { username, password: 'correct horse', deviceName: 'phone' } })).register;
}
