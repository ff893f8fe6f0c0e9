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
  /** Of the event in the recipient's inbox; null unless sent. */
  readonly seq: number | null;
  readonly at: number | null;
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
    const [row] = await this.#database.query<{ answer: string }>(
      { name: appendSignals.name, text: `SELECT ${appendSignals.name}($1, $2, $3, $4, $5, $6, $7, $8, $9) AS answer` },
      [
        plainArray(signals.map(({ id }) => id)),
        plainArray(signals.map(({ callId }) => callId)),
        plainArray(signals.map(({ userId }) => userId)),
        plainArray(signals.map(({ deviceId }) => deviceId)),
        plainArray(signals.map(({ kind }) => kind)),
        plainArray(signals.map(({ keyed }) => keyed || again)),
        plainArray(signals.map(({ bytes }) => bytes)),
        Buffer.from(signals.map(({ payload }) => payload).join('')),
        this.#slotUs,
      ],
    );
    if (row === undefined) throw new Error(`${appendSignals.name} answered nothing.`);
    return row.answer.split('\n').map(readResult);
  }
}

function readResult(line: string): SignalResult {
  const [outcome, recipientId = '', seq = '', at = '', device = '', status, endReason = ''] = line.split(',');
  return {
    outcome: outcome as SignalOutcome,
    recipientId,
    seq: seq === '' ? null : Number(seq),
    at: at === '' ? null : Number(at),
    recipientDeviceId: device === '' ? null : device,
    status: status as CallStatus,
    endReason: endReason === '' ? null : (endReason as EndReason),
  };
}

/** A Postgres array of values that need no quoting: ids, names of an enum, numbers. The driver would look for quotes in each. */
function plainArray(values: readonly (string | number | boolean)[]): string {
  return `{${values.join(',')}}`;
}
