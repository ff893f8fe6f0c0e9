import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { EndReason, SignalKind } from '../../src/client/gql/graphql.js';
import { refreshSessionOperation } from '../../src/client/operations.js';
import { run } from './api.js';
import { runSql } from './database.js';
import { letRingOut } from './meddle.js';
import { offerKey, type Scene } from './transition-scene.js';
import { parties, type Party, type Role } from './transition-table.js';
import { until } from './until.js';

export interface Operation {
  /** Rejects with the server's error. `value` is one of the row's list. */
  readonly run: (scene: Scene, who: Exclude<Role, 'server'>, value: string) => Promise<unknown>;
  /** The devices are not fit for another call: signed out, cut off, or the users have blocked each other. */
  readonly spoilsCast?: true;
}

/** The other party's first device, seen from that actor. */
function otherParty(scene: Scene, who: Role) {
  return scene.cast.device(who.startsWith('caller') ? 'callee' : 'caller');
}

const otherDevice: Readonly<Record<Party, Party>> = {
  caller: "caller's other",
  "caller's other": 'caller',
  callee: "callee's other",
  "callee's other": 'callee',
};

const ways: Readonly<Record<string, (scene: Scene, who: Party) => Promise<unknown>>> = {
  '`revokeDevice`': (scene, who) =>
    scene.cast.ask(otherDevice[who], 'mutation ($id: ID!) { revokeDevice(id: $id) }', { id: scene.cast.device(who).id }),
  '`changePassword`': (scene, who) =>
    scene.cast.ask(otherDevice[who], 'mutation { changePassword(current: "correct horse", next: "correct horses") { expiresAt } }'),
  'a used refresh token': async ({ cast }, who) => {
    const used = cast.device(who).session.refreshToken;
    const refresh = async (refreshToken: string) =>
      (await run(cast.server.url, null, refreshSessionOperation, { refreshToken })).refreshSession;
    await refresh((await refresh(used)).refreshToken);
    await expect(refresh(used)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  },
};

async function create(scene: Scene, ...[callee, input]: Parameters<ReturnType<Scene['cast']['device']>['ring']>): Promise<void> {
  scene.callId = (await scene.cast.device('caller').ring(callee, input)).id;
}

/** What the table's second column can say. */
export const operations: Readonly<Record<string, Operation>> = {
  '`createCall`': { run: (scene) => create(scene, scene.cast.device('callee')) },
  '`createCall` to somebody who has blocked them': { run: (scene) => create(scene, scene.cast.device('callee')) },
  '`createCall` to somebody in a call': {
    run: async (scene) => {
      await scene.cast.device('stranger').ring(scene.cast.device('callee'));
      await create(scene, scene.cast.device('callee'));
    },
  },
  '`createCall` to themselves': { run: (scene) => create(scene, scene.cast.device('caller')) },
  '`createCall` to somebody they have blocked': {
    run: async (scene) => {
      await scene.cast.ask('caller', 'mutation ($id: ID!) { blockUser(id: $id) { id } }', { id: scene.cast.device('third').userId });
      await create(scene, scene.cast.device('third'));
    },
    spoilsCast: true,
  },
  '`createCall` to nobody there is': { run: (scene) => create(scene, scene.cast.device('callee'), { calleeId: randomUUID() }) },
  '`createCall` again, with its key': {
    run: async (scene, who) => {
      expect(await scene.cast.device(who).ring(scene.cast.device('callee'), scene.request)).toMatchObject({ id: scene.call });
    },
  },
  '`createCall` of other media, with its key': {
    run: (scene, who) => scene.cast.device(who).ring(scene.cast.device('callee'), { ...scene.request, media: 'AUDIO' }),
  },
  '`createCall` to the other party': { run: (scene, who) => scene.cast.device(who).ring(otherParty(scene, who)) },
  '`createCall` to a third user': {
    run: async (scene, who) => {
      const { id } = await scene.cast.device(who).ring(scene.cast.device('third'));
      await scene.cast.device(who).end(id);
    },
  },
  'receives CREATED': {
    run: async (scene, who) => {
      const { events } = await scene.cast.device(who).page(scene.before.get(who as Party));
      expect(events).toContainEqual(expect.objectContaining({ change: 'CREATED', call: expect.objectContaining({ id: scene.call }) }));
      if (scene.state === 'CREATED' && who === 'callee') await statusOf(scene, 'RINGING');
    },
  },
  '`acceptCall`': { run: (scene, who) => scene.cast.device(who).accept(scene.call) },
  '`endCall`': {
    run: (scene, who, value) => scene.cast.device(who).end(scene.call, value === 'no reason' ? null : (value as EndReason)),
  },
  '`sendSignal`': { run: (scene, who, kind) => scene.cast.device(who).send(scene.call, kind as SignalKind, 'a payload') },
  '`sendSignal` again, with its key': {
    run: async (scene, who) => {
      expect(await scene.cast.device(who).send(scene.call, 'OFFER', 'the offer', offerKey)).toMatchObject({ duplicate: true });
    },
  },
  '`logout`': {
    run: async (scene, who) => {
      scene.signedOut.add(who);
      await scene.cast.ask(who, 'mutation { logout }');
    },
    spoilsCast: true,
  },
  '`deleteAccount`': {
    run: async (scene, who) => {
      for (const party of parties.filter((it) => it.startsWith(who.split("'")[0]!))) scene.signedOut.add(party);
      await scene.cast.ask(who, 'mutation { deleteAccount(password: "correct horse") }');
    },
    spoilsCast: true,
  },
  'loses its session by': {
    run: async (scene, who, value) => {
      const way = ways[value];
      if (way === undefined) throw new Error(`No way to lose a session: ${value}`);
      scene.signedOut.add(who);
      await way(scene, who as Party);
    },
    spoilsCast: true,
  },
  '`blockUser` of the other party': {
    run: (scene, who) => scene.cast.ask(who, 'mutation ($id: ID!) { blockUser(id: $id) { id } }', { id: otherParty(scene, who).userId }),
    spoilsCast: true,
  },
  '`ringExpiresAt` passes': {
    run: async (scene) => {
      await letRingOut(scene.cast.server, scene.call);
      await statusOf(scene, 'ENDED');
    },
  },
  'misses one of the two devices for too long': {
    run: async (scene) => {
      const callee = scene.cast.device('callee');
      await callee.leave();
      scene.signedOut.add('callee');
      await letDeviceBeMissed(scene, callee.id);
      await statusOf(scene, 'ENDED');
    },
    spoilsCast: true,
  },
};

/** As if the device had gone, and the call been answered, an hour ago, and the node been there all the while. */
async function letDeviceBeMissed({ cast: { server }, call }: Scene, deviceId: string): Promise<void> {
  const sql = <Row extends object>(text: string, values: unknown[]) => runSql<Row>(server.databaseUrl, text, values);
  await until(
    'the device to be gone',
    async () => (await sql('SELECT 1 FROM device_presence WHERE device_id = $1', [deviceId])).length === 0,
  );
  await sql("UPDATE node_lease SET held_since = held_since - interval '1 hour'", []);
  await sql("UPDATE device SET last_seen_at = last_seen_at - interval '1 hour' WHERE id = $1", [deviceId]);
  await sql("UPDATE call SET answered_at = answered_at - interval '1 hour' WHERE id = $1", [call]);
}

async function statusOf(scene: Scene, status: string): Promise<void> {
  await until(`the call to be ${status}`, async () => (await scene.observer.call(scene.call))?.status === status);
}
