import type { Database } from '../db/database.js';
import type { CallStatus, EndReason } from '../calls/call-status.js';
import { appendSignals } from './append-signals.sql.js';

export const signalKinds = ['OFFER', 'ANSWER', 'ICE_CANDIDATE', 'CUSTOM'] as const;
export type SignalKind = (typeof signalKinds)[number];

/** A signal on its way into the other party's inbox. */
export interface OutgoingSignal {
  /** Made from the key where there is one, else random. */
  readonly id: string;
  readonly keyed: boolean;
  readonly callId: string;
  readonly userId: string;
  readonly deviceId: string;
  /** Of this device in this call: see `laneOf`. */
  readonly lane: string;
  readonly kind: SignalKind;
  readonly payload: string;
  readonly bytes: number;
  /** By the clock of `performance`. */
  readonly checkedAtMs: number;
}

export type SignalOutcome = 'sent' | 'duplicate' | 'key-reused' | 'missing' | 'unanswered' | 'conflict';

export interface SignalResult {
  readonly outcome: SignalOutcome;
  readonly recipientId: string;
  /** Of the event in the recipient's inbox; null unless it was appended. */
  readonly seq: number | null;
  /** µs; of that event, where it was appended. */
  readonly at: number;
  /** Null: all devices of the recipient. */
  readonly recipientDeviceId: string | null;
  readonly status: CallStatus;
  readonly endReason: EndReason | null;
}

export class SignalRepository {
  readonly #database: Pick<Database, 'query'>;
  readonly #slotUs: number;

  constructor({ database, slotUs }: { database: Pick<Database, 'query'>; slotUs: number }) {
    this.#database = database;
    this.#slotUs = slotUs;
  }

  /**
   * One group commit: see append-signals.sql.ts. `again`: a batch whose fate is unknown is sent once more, so every id is
   * looked up; what the first try stored is reported as `duplicate`.
   */
  async append(signals: readonly OutgoingSignal[], again: boolean): Promise<SignalResult[]> {
    const lanes = lanesOf(signals);
    const sorted = lanes.flatMap((lane) => lane.places.map((place) => signals[place]!));
    const [row] = await this.#database.query<{ answer: string }>(
      { name: appendSignals.name, text: `SELECT ${appendSignals.name}($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) AS answer` },
      [
        plainArray(lanes.map(({ callId }) => callId)),
        plainArray(lanes.map(({ userId }) => userId)),
        plainArray(lanes.map(({ deviceId }) => deviceId)),
        plainArray(lanes.map(({ places }) => places.length)),
        plainArray(lanes.flatMap(({ places }, position) => places.map(() => position + 1))),
        plainArray(sorted.map(({ id }) => id)),
        plainArray(sorted.map(({ kind }) => kind)),
        plainArray(starts(sorted)),
        plainArray(sorted.map(({ bytes }) => bytes)),
        plainArray(sorted.map(({ keyed }) => keyed || again)),
        Buffer.from(sorted.map(({ payload }) => payload).join('')),
        this.#slotUs,
      ],
    );
    if (row === undefined) throw new Error(`${appendSignals.name} answered nothing.`);
    return readAnswer(row.answer, lanes);
  }
}

/** What one device sends in one call, and at which places of the batch. */
interface Lane extends Pick<OutgoingSignal, 'callId' | 'userId' | 'deviceId'> {
  readonly places: number[];
}

function lanesOf(signals: readonly OutgoingSignal[]): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const [place, { lane: name, callId, userId, deviceId }] of signals.entries()) {
    const lane = lanes.get(name);
    if (lane === undefined) lanes.set(name, { callId, userId, deviceId, places: [place] });
    else lane.places.push(place);
  }
  return [...lanes.values()];
}

/** Of each payload among all of them in one piece, in bytes, as Postgres counts: from 1. */
function starts(signals: readonly OutgoingSignal[]): number[] {
  let next = 1;
  return signals.map(({ bytes }) => (next += bytes) - bytes);
}

function readAnswer(answer: string, lanes: readonly Lane[]): SignalResult[] {
  const lines = answer.split('\n');
  const known = new Map(lines.slice(lanes.length).map(readKnown));
  const results: SignalResult[] = [];
  let place = 0;
  for (const [position, { places }] of lanes.entries()) {
    const { seq, ...lane } = readLane(lines[position] ?? '');
    let sent = 0;
    for (const original of places) {
      place += 1;
      const outcome = known.get(place);
      if (outcome !== undefined) results[original] = { ...lane, outcome, seq: null };
      else results[original] = { ...lane, seq: seq === null ? null : seq + (sent += 1) };
    }
  }
  return results;
}

/** `seq` is that before the first signal of the lane. */
function readLane(line: string): SignalResult {
  const [outcome, recipientId = '', seq = '', at = '', device = '', status, endReason = ''] = line.split(',');
  const isSent = outcome === 'sent' && seq !== '';
  return {
    outcome: outcome as SignalOutcome,
    recipientId,
    seq: isSent ? Number(seq) : null,
    at: Number(at),
    recipientDeviceId: device === '' ? null : device,
    status: status as CallStatus,
    endReason: endReason === '' ? null : (endReason as EndReason),
  };
}

function readKnown(line: string): [number, SignalOutcome] {
  const [place, outcome] = line.split(',');
  return [Number(place), outcome as SignalOutcome];
}

/** A Postgres array of values that need no quoting: ids, names of an enum, numbers. The driver would look for quotes in each. */
function plainArray(values: readonly (string | number | boolean)[]): string {
  return `{${values.join(',')}}`;
}
