import type { Database, Statement } from '../db/database.js';

/** A lease that was not renewed for this long is one of a node that is gone: power loss shows within 30 seconds. */
const leaseSeconds = 20;

const fresh = `renewed_at > clock_timestamp() - interval '${leaseSeconds} seconds'`;

const present = `device_presence p JOIN node_lease l ON l.node_id = p.node_id AND l.${fresh}`;

/** A node that was away for longer than a lease holds it anew: it knows nothing of what happened meanwhile. */
const renew: Statement = {
  name: 'lease-renew',
  text: `
    INSERT INTO node_lease AS l (node_id, held_since, renewed_at) VALUES ($1, clock_timestamp(), clock_timestamp())
    ON CONFLICT (node_id) DO UPDATE SET
      held_since = CASE WHEN l.${fresh} THEN l.held_since ELSE clock_timestamp() END, renewed_at = clock_timestamp()
    RETURNING xmax = 0 AS made, (SELECT count(*)::int FROM node_lease o WHERE o.node_id <> $1 AND o.${fresh}) AS others`,
};

/**
 * A device that goes in a call, and comes back, is noted in its timeline: sides 3 (the caller's) and 4 (the callee's), a
 * few entries each, by turns, the odd ones DOWN. Not where it is connected to another node meanwhile.
 */
const noteInTimeline = (kind: 'SIGNALING_DOWN' | 'SIGNALING_UP'): string => `
  INSERT INTO call_timeline (call_id, side, n, at, kind, user_id, device_id)
  SELECT c.id, s.side, t.n, greatest(changed.at, c.answered_at), '${kind}', d.user_id, d.id
  FROM changed JOIN device d ON d.id = changed.device_id
  JOIN live_call l ON l.user_id = d.user_id JOIN call c ON c.id = l.call_id AND c.status = 'ACTIVE' AND d.id IN (c.caller_device_id, c.callee_device_id)
  CROSS JOIN LATERAL (SELECT CASE WHEN d.id = c.caller_device_id THEN 3 ELSE 4 END::smallint AS side) s
  CROSS JOIN LATERAL (SELECT (coalesce(max(e.n), 0) + 1)::int AS n FROM call_timeline e WHERE e.call_id = c.id AND e.side = s.side) t
  WHERE t.n <= 8 AND t.n % 2 = ${kind === 'SIGNALING_DOWN' ? 1 : 0}
    AND NOT EXISTS (SELECT 1 FROM ${present} WHERE p.device_id = d.id AND p.node_id <> $1)
  ORDER BY d.id
  ON CONFLICT DO NOTHING`;

/**
 * When the devices of `changed` were last there. Their rows are locked in the order of their ids, as every node does: devices that
 * come to two nodes at once are in a batch of each.
 */
const locked = `locked AS (
      SELECT d.id, changed.at FROM changed JOIN device d ON d.id = changed.device_id ORDER BY d.id FOR NO KEY UPDATE OF d
    )`;
const see = 'UPDATE device d SET last_seen_at = greatest(d.last_seen_at, locked.at) FROM locked WHERE d.id = locked.id';

/** Others sweep the devices of a node that was away for long, while it takes them out itself: in one order likewise. */
const inOrder = 'ORDER BY o.device_id, o.node_id FOR UPDATE OF o';
const removeGone = `
      DELETE FROM device_presence p USING gone WHERE p.device_id = gone.device_id AND p.node_id = gone.node_id RETURNING p.device_id, gone.at
    `;

const enter: Statement = {
  name: 'presence-enter',
  text: `
    WITH changed AS (
      INSERT INTO device_presence (device_id, node_id, user_id)
      SELECT d, $1, u FROM unnest($2::uuid[], $3::uuid[]) AS g (d, u)
      ON CONFLICT DO NOTHING RETURNING device_id, clock_timestamp() AS at
    ), ${locked}, seen AS (${see})
    ${noteInTimeline('SIGNALING_UP')}`,
};

const leave: Statement = {
  name: 'presence-leave',
  text: `
    WITH gone AS (
      SELECT o.device_id, o.node_id, clock_timestamp() - make_interval(secs => g.ago_ms / 1000) AS at
      FROM unnest($2::uuid[], $3::float8[]) AS g (device_id, ago_ms) JOIN device_presence o ON o.node_id = $1 AND o.device_id = g.device_id
      ${inOrder}
    ), changed AS (${removeGone}), ${locked}, seen AS (${see})
    ${noteInTimeline('SIGNALING_DOWN')}`,
};

/** The node goes, and its devices come back to another one: they have the time of a device whose socket was cut. */
const retire: Statement = {
  name: 'lease-retire',
  text: `
    WITH changed AS (
      SELECT device_id, clock_timestamp() AS at FROM device_presence WHERE node_id = $1
    ), ${locked}, seen AS (${see})
    UPDATE node_lease SET renewed_at = clock_timestamp() - make_interval(secs => ${leaseSeconds} - $2) WHERE node_id = $1`,
};

/** Presence of nodes that are gone for long, after telling their devices' rows when they were last there. */
const sweepGone: Statement = {
  name: 'presence-sweep',
  text: `
    WITH dead AS (
      DELETE FROM node_lease WHERE renewed_at < clock_timestamp() - interval '5 minutes' RETURNING node_id, renewed_at
    ), gone AS (
      SELECT o.device_id, o.node_id, dead.renewed_at AS at FROM dead JOIN device_presence o ON o.node_id = dead.node_id
      ${inOrder}
    ), changed AS (${removeGone}), ${locked}
    ${see}`,
};

const onlineTo: Statement = {
  name: 'presence-online-to',
  text: `
    SELECT g.viewer || ' ' || g.subject AS pair FROM unnest($1::uuid[], $2::uuid[]) AS g (viewer, subject)
    WHERE EXISTS (SELECT 1 FROM ${present} WHERE p.user_id = g.subject)
      AND NOT EXISTS (SELECT 1 FROM user_block b WHERE b.user_id = g.subject AND b.blocked_id = g.viewer)`,
};

const onlineDevices: Statement = {
  name: 'presence-online-devices',
  text: `SELECT DISTINCT p.device_id AS id FROM ${present} WHERE p.device_id = ANY($1::uuid[])`,
};

const elsewhere: Statement = {
  name: 'presence-elsewhere',
  text: `SELECT p.device_id AS device, p.user_id AS "user" FROM ${present} WHERE p.node_id <> $1 LIMIT 200000`,
};

/** Which devices are connected, to which node, and which nodes are there. */
export class PresenceRepository {
  readonly #database: Pick<Database, 'query'>;
  readonly #nodeId: string;

  constructor({ database, nodeId }: { database: Pick<Database, 'query'>; nodeId: string }) {
    this.#database = database;
    this.#nodeId = nodeId;
  }

  /** `made`: there was no lease of this node, so nobody knows of its devices. `others`: other nodes that are there. */
  async renewLease(): Promise<{ made: boolean; others: number }> {
    const [row] = await this.#database.query<{ made: boolean; others: number }>(renew, [this.#nodeId]);
    return row ?? { made: false, others: 0 };
  }

  async enter(devices: readonly { deviceId: string; userId: string }[]): Promise<void> {
    await this.#database.query(enter, [this.#nodeId, devices.map(({ deviceId }) => deviceId), devices.map(({ userId }) => userId)]);
  }

  /** `agoMs`: how long ago each of them was last connected. */
  async leave(devices: readonly { deviceId: string; agoMs: number }[]): Promise<void> {
    await this.#database.query(leave, [this.#nodeId, devices.map(({ deviceId }) => deviceId), devices.map(({ agoMs }) => agoMs)]);
  }

  /** The node goes: its devices were seen until now, and are online for so many seconds more. */
  async retire(graceSeconds: number): Promise<void> {
    await this.#database.query(retire, [this.#nodeId, graceSeconds]);
  }

  async sweepGone(): Promise<void> {
    await this.#database.query(sweepGone, []);
  }

  /** Of those pairs of a viewer and a subject, written `viewer subject`, the ones whose subject is online to the viewer. */
  async onlineTo(pairs: readonly string[]): Promise<Set<string>> {
    const split = pairs.map((pair) => pair.split(' '));
    const rows = await this.#database.query<{ pair: string }>(onlineTo, [
      split.map(([viewer]) => viewer),
      split.map(([, subject]) => subject),
    ]);
    return new Set(rows.map(({ pair }) => pair));
  }

  async onlineDevices(deviceIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.#database.query<{ id: string }>(onlineDevices, [deviceIds]);
    return new Set(rows.map(({ id }) => id));
  }

  /** Devices that are connected to other nodes, with their users. */
  async elsewhere(): Promise<{ device: string; user: string }[]> {
    return this.#database.query(elsewhere, [this.#nodeId]);
  }
}
