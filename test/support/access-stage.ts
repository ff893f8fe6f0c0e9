import type { Column } from './access-table.js';
import { signUp, type Device } from './device.js';
import type { TestServer } from './server.js';
import { signToken } from './signed-token.js';

/** Who asks; a party of an ended call is either of the two. */
export const viewers = [
  'anonymous',
  'expired',
  'revoked',
  'stranger',
  'caller',
  'callee',
  'ended caller',
  'ended callee',
  'blocked',
  'blocker',
] as const;
export type Viewer = (typeof viewers)[number];

export function columnOf(viewer: Viewer): Column {
  return viewer.startsWith('ended') ? 'ended' : (viewer as Column);
}

/** Somebody who asks, and the call that they ask about. */
export interface Stage {
  readonly viewer: Viewer;
  /** Whose account it is; nobody else's is used where the viewer is anonymous. */
  readonly device: Device;
  /** What is shown; null for nothing. */
  readonly token: string | null;
  readonly other: Device;
  readonly callId: string;
  /** Cursors from before the call: the viewer's own, and the other party's. */
  readonly cursor: string;
  readonly othersCursor: string;
}

/** Nobody is connected: what they are shown, they have asked for. A short story has no signals and no cursors: for who asks one thing only. */
export async function setStage(server: TestServer, viewer: Viewer, story: 'whole' | 'short'): Promise<Stage> {
  const [caller, callee] = (await Promise.all(['caller', 'callee'].map((name) => signUp(server, name)))) as [Device, Device];
  const stranger = viewer === 'stranger' ? await signUp(server, 'stranger') : null;
  const callees = viewer === 'callee' || viewer === 'ended callee' || viewer === 'blocker';
  const [device, other] = stranger !== null ? [stranger, callee] : callees ? [callee, caller] : [caller, callee];
  const [cursor = '', othersCursor = ''] =
    story === 'short' ? [] : await Promise.all([device, other].map(async (it) => (await it.page()).cursor));
  const callId = await placeCall(viewer, story, caller, callee);
  return { viewer, ...(await identify(viewer, device)), other, callId, cursor, othersCursor };
}

async function placeCall(viewer: Viewer, story: 'whole' | 'short', caller: Device, callee: Device): Promise<string> {
  const hidden = viewer === 'blocked' || viewer === 'blocker';
  if (hidden) await callee.block(caller);
  const { id } = await caller.ring(callee, { metadata: 'of the call' });
  if (story === 'whole') await caller.send(id, 'OFFER', 'from the caller');
  if (hidden) return id;
  await callee.accept(id);
  if (story === 'whole') await callee.send(id, 'ANSWER', 'from the callee');
  if (columnOf(viewer) === 'ended') await caller.end(id, 'HUNG_UP', 'goodbye');
  return id;
}

async function identify(viewer: Viewer, device: Device): Promise<{ device: Device; token: string | null }> {
  switch (viewer) {
    case 'anonymous':
      return { device, token: null };
    case 'expired':
      return { device, token: signToken(device, 60, 61) };
    case 'revoked': {
      const lost = await device.another('tablet');
      await device.ask('mutation ($id: ID!) { revokeDevice(id: $id) }', { id: lost.id });
      return { device: lost, token: lost.token };
    }
    default:
      return { device, token: device.token };
  }
}
