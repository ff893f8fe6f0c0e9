import type { WebSocket } from 'ws';

import { fewAtATime } from './few-at-a-time.ts';
import { createSwitchboardClient } from './switchboard-client.ts';
import { openInbox } from './switchboard-inbox.ts';

const AT_ONCE = 16;
/** One address has some 28,000 ports to connect from. */
const SOCKETS_PER_ADDRESS = 20_000;

/** Thousands of logins at the cost that production insists on would take many minutes of one core. */
export const CHEAP_LOGINS = { NODE_ENV: 'development', BCRYPT_COST: '4' };

/** Devices number `from` to `to` - 1, each signed in as a user of its own, connected and subscribed; added to `sockets` as they come. */
export async function connectIdle(
  { httpUrl, socketUrl }: { readonly httpUrl: string; readonly socketUrl: string },
  from: number,
  to: number,
  sockets: WebSocket[],
): Promise<void> {
  const client = createSwitchboardClient(httpUrl);
  await fewAtATime(to - from, AT_ONCE, async (place) => {
    const number = from + place;
    const session = await client.register(`bench${number}idle`);
    sockets.push(await openInbox(socketUrl, session, `127.0.0.${1 + Math.floor(number / SOCKETS_PER_ADDRESS)}`));
  });
}
