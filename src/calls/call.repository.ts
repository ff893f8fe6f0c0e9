import type { Database, Statement } from '../db/database.js';
import type { InboxEvent } from '../inbox/inbox.js';
import { acceptCall } from './accept-call.sql.js';
import { CallEntity, type CallRow } from './call.entity.js';
import type { CallMedia, EndReason } from './call-status.js';
import { createCall } from './create-call.sql.js';
import { endCall } from './end-call.sql.js';
import { deviceIsAway, expireCall, loseCall, ringCall, terminateCall } from './server-steps.sql.js';

export interface NewCall {
  readonly id: string;
  readonly callerId: string;
  readonly callerDeviceId: string;
  readonly calleeId: string;
  readonly media: CallMedia;
  readonly metadata: string | null;
  readonly ringSeconds: number;
  readonly key: string | null;
  /** What the key stands for: a second use with another is refused. */
  readonly request: string;
}

/** What a function decided, and the events that it wrote. */
export interface Decision<Outcome extends string = string> {
  readonly outcome: Outcome;
  readonly call: CallRow | null;
  readonly events: readonly InboxEvent[];
}

export type CreateOutcome = 'missing' | 'known' | 'key-reused' | 'expired' | 'glare' | 'in-call' | 'blocked' | 'busy' | 'created';
export type AcceptOutcome = 'missing' | 'duplicate' | 'key-reused' | 'accepted' | 'accepted-before' | 'conflict';
export type EndOutcome = 'missing' | 'ended-before' | 'ended' | 'conflict';

interface DecisionRow extends Record<string, unknown> {
  outcome?: string;
  events: InboxEvent[] | null;
  id: string | null;
}

const knownKey: Statement = {
  name: 'call-knows-key',
  text: "SELECT FROM call_key WHERE user_id = $1 AND key = $2 AND created_at > now() - interval '24 hours'",
};

/** Calls as rows, and the functions that change them: one round trip each, see the *.sql.ts files for what they promise. */
export class CallRepository {
  readonly #database: Database;
  readonly #slotUs: number;

  constructor({ database, slotUs }: { database: Database; slotUs: number }) {
    this.#database = database;
    this.#slotUs = slotUs;
  }

  create(call: NewCall): Promise<Decision<CreateOutcome>> {
    const { id, callerId, callerDeviceId, calleeId, media, metadata, ringSeconds, key, request } = call;
    return this.#decide<CreateOutcome>(createCall.name, [
      id,
      callerId,
      callerDeviceId,
      calleeId,
      media,
      metadata,
      ringSeconds,
      key,
      request,
    ]);
  }

  /** Whether the user made a call with this key within a day. */
  async knowsKey(userId: string, key: string): Promise<boolean> {
    return (await this.#database.query(knownKey, [userId, key])).length > 0;
  }

  /** `answer` is the ANSWER that accepts, with the id its row will have. */
  accept(
    callId: string,
    userId: string,
    deviceId: string,
    answer: { id: string; payload: string } | null,
  ): Promise<Decision<AcceptOutcome>> {
    return this.#decide<AcceptOutcome>(acceptCall.name, [callId, userId, deviceId, answer?.id ?? null, answer?.payload ?? null]);
  }

  async end(
    callId: string,
    userId: string,
    deviceId: string,
    reason: EndReason | null,
    detail: string | null,
  ): Promise<Decision<EndOutcome> & { allowed: readonly EndReason[] }> {
    const { row, ...decision } = await this.#decide<EndOutcome>(endCall.name, [callId, userId, deviceId, reason, detail]);
    return { ...decision, allowed: readEnumArray(row['allowed']) };
  }

  expire(callId: string): Promise<Decision> {
    return this.#decide(expireCall.name, [callId]);
  }

  terminate(callId: string, detail: string): Promise<Decision> {
    return this.#decide(terminateCall.name, [callId, detail]);
  }

  ring(callId: string, calleeId: string, deviceId: string): Promise<Decision> {
    return this.#decide(ringCall.name, [callId, calleeId, deviceId]);
  }

  lose(callId: string, nodeId: string, awaySeconds: number): Promise<Decision> {
    return this.#decide(loseCall.name, [callId, nodeId, awaySeconds]);
  }

  /** Active calls one of whose devices has been away for that long. */
  async signalingLost(awaySeconds: number, most: number): Promise<string[]> {
    const rows = await this.#database.query<{ id: string }>(
      {
        name: 'calls-signaling-lost',
        text: `SELECT c.id FROM call c WHERE c.status = 'ACTIVE' AND c.answered_at <= clock_timestamp() - make_interval(secs => $1)
          AND EXISTS (SELECT 1 FROM device d WHERE d.id IN (c.caller_device_id, c.callee_device_id) AND ${deviceIsAway('$1')}) LIMIT $2`,
      },
      [awaySeconds, most],
    );
    return rows.map(({ id }) => id);
  }

  /** Calls that have rung out by the database's clock, the longest due first. */
  async rungOut(most: number): Promise<string[]> {
    const rows = await this.#database.query<{ id: string }>(
      {
        name: 'calls-rung-out',
        text: "SELECT id FROM call WHERE status < 'ACTIVE' AND ring_expires_at <= clock_timestamp() ORDER BY ring_expires_at LIMIT $1",
      },
      [most],
    );
    return rows.map(({ id }) => id);
  }

  async byIds(ids: readonly string[]): Promise<CallRow[]> {
    return this.#database.fork().find(CallEntity, { id: { $in: [...ids] } });
  }

  /** The call that the user is in, ringing or active. */
  async liveOf(userId: string): Promise<CallRow | null> {
    const rows = await this.#database.query<Record<string, unknown>>(
      { name: 'call-live-of', text: 'SELECT c.* FROM live_call l JOIN call c ON c.id = l.call_id WHERE l.user_id = $1' },
      [userId],
    );
    return rows[0] === undefined ? null : toCall(rows[0]);
  }

  async #decide<Outcome extends string>(name: string, values: unknown[]): Promise<Decision<Outcome> & { row: DecisionRow }> {
    const parameters = [...values, this.#slotUs];
    const [row] = await this.#database.query<DecisionRow>(
      { name, text: `SELECT r.*, (r.call).* FROM ${name}(${parameters.map((_, position) => `$${position + 1}`).join(', ')}) r` },
      parameters,
    );
    if (row === undefined) throw new Error(`${name} answered nothing.`);
    return { outcome: row.outcome as Outcome, call: row.id === null ? null : toCall(row), events: row.events ?? [], row };
  }
}

/** A row of the table as the driver gives it: timestamps as text, in UTC. */
export function toCall(row: Record<string, unknown>): CallRow {
  return {
    id: row['id'],
    callerId: row['caller_id'],
    calleeId: row['callee_id'],
    callerDeviceId: row['caller_device_id'],
    calleeDeviceId: row['callee_device_id'],
    media: row['media'],
    metadata: row['metadata'],
    status: row['status'],
    endReason: row['end_reason'],
    endedById: row['ended_by_id'],
    hidden: row['hidden'],
    createdAt: toInstant(row['created_at']),
    ringExpiresAt: toInstant(row['ring_expires_at']),
    ringingAt: toInstant(row['ringing_at']),
    answeredAt: toInstant(row['answered_at']),
    endedAt: toInstant(row['ended_at']),
  } as CallRow;
}

/** `2026-11-24 10:00:00.123+00`, as Postgres writes it while the session's zone is UTC. */
export function toInstant(text: unknown): Date | null {
  return typeof text === 'string' ? new Date(`${text.slice(0, -3).replace(' ', 'T')}Z`) : null;
}

function readEnumArray(text: unknown): EndReason[] {
  return typeof text === 'string' && text.length > 2 ? (text.slice(1, -1).split(',') as EndReason[]) : [];
}
