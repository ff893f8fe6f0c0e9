import type { Device } from './device.js';
import { until } from './until.js';

export interface Seen {
  readonly id: string;
  readonly online: boolean;
}

/** What the device, which has to be connected, is told of those users, in order. */
export async function watchPresence(
  device: Device,
  users: readonly Pick<Device, 'userId'>[],
): Promise<{ seen: Seen[]; of: (user: Pick<Device, 'userId'>) => boolean[] }> {
  const seen: Seen[] = [];
  let failure: unknown;
  device.socket.subscribe(
    {
      query: 'subscription ($userIds: [ID!]!) { presence(userIds: $userIds) { id online } }',
      variables: { userIds: users.map((user) => user.userId) },
    },
    (data) => seen.push((data as { presence: Seen }).presence),
    (error) => (failure = error),
  );
  await until('the state of each', () => {
    if (failure !== undefined) throw failure as Error;
    return seen.length >= users.length;
  });
  return { seen, of: (user) => seen.filter(({ id }) => id === user.userId).map(({ online }) => online) };
}
