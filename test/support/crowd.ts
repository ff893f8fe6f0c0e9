import type { SessionPartsFragment } from '../../src/client/gql/graphql.js';
import { acceptCallOperation, createCallOperation } from '../../src/client/operations.js';
import type { Person } from '../crowd/commands.js';
import { run } from './api.js';
import { fewAtATime } from './few-at-a-time.js';
import { registered } from './registered.js';
import type { Addresses } from './talker.js';

const atOnce = 16;
/** Longer than it takes for all of a crowd to be there. */
const ringSeconds = 180;
let crowds = 0;

/** Two in an answered call. */
export interface Pair {
  readonly caller: Person;
  readonly callee: Person;
}

/** That many new people, each signed in on one device; a few at a time. */
export async function gather(server: Addresses, count: number): Promise<SessionPartsFragment[]> {
  const crowd = (crowds += 1);
  return fewAtATime(count, atOnce, (n) => registered(server.url, `crowd-${process.pid}-${crowd}-${n}`));
}

/** That many calls of two new people each, answered over HTTP: nobody of them is connected. */
export async function gatherPairs(server: Addresses, count: number): Promise<Pair[]> {
  const people = await gather(server, count * 2);
  return fewAtATime(count, atOnce, async (n) => {
    const [caller, callee] = [people[n * 2]!, people[n * 2 + 1]!];
    const input = { calleeId: callee.user.id, ringSeconds };
    const { createCall } = await run(server.url, caller.accessToken, createCallOperation, { input });
    await run(server.url, callee.accessToken, acceptCallOperation, { id: createCall.id });
    return { caller: { token: caller.accessToken, callId: createCall.id }, callee: { token: callee.accessToken, callId: createCall.id } };
  });
}
