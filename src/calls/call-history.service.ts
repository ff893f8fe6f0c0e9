import pLimit from 'p-limit';
import type { Viewer } from '../auth/viewer.js';
import { badInput, callNotFound } from '../errors.js';
import { isUuid, requireFirst } from '../text.js';
import type { CallHistoryRepository, HistoryCursor, HistoryFilter, TimelineRow } from './call-history.repository.js';
import type { CallRow } from './call.entity.js';
import type { CallService } from './call.service.js';
import type { MissedRepository } from './missed.repository.js';

export interface HistoryPage {
  readonly edges: { cursor: string; node: CallRow }[];
  readonly pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

/**
 * A page has up to 100 calls, a timeline up to 1,000 entries, and what is read is made into an answer at a stretch: no more
 * of them come back in one turn of the event loop, so that signals are looked at in between.
 */
const readsAtOnce = 2;

/** The calls that a user has been in, and what happened in each. */
export class CallHistoryService {
  readonly #history: CallHistoryRepository;
  readonly #missed: MissedRepository;
  readonly #calls: Pick<CallService, 'byId'>;
  readonly #reads = pLimit(readsAtOnce);

  constructor({ history, missed, calls }: { history: CallHistoryRepository; missed: MissedRepository; calls: Pick<CallService, 'byId'> }) {
    this.#history = history;
    this.#missed = missed;
    this.#calls = calls;
  }

  async page(viewer: Viewer, first: number, after: string | null, filter: Partial<HistoryFilter>): Promise<HistoryPage> {
    requireFirst(first);
    const counterpart = filter.with ?? null;
    if (counterpart !== null && !isUuid(counterpart)) return { edges: [], pageInfo: { endCursor: null, hasNextPage: false } };
    const cursor = after === null ? null : readCursor(after);
    const narrowed = {
      direction: filter.direction ?? null,
      endReason: filter.endReason ?? null,
      missed: filter.missed ?? null,
      with: counterpart,
    };
    const calls = await this.#reads(() => this.#history.page(viewer.userId, cursor, first + 1, narrowed));
    const edges = calls.slice(0, first).map((node) => ({ cursor: writeCursor(node), node }));
    return { edges, pageInfo: { endCursor: edges.at(-1)?.cursor ?? null, hasNextPage: calls.length > first } };
  }

  missedCount(viewer: Viewer): Promise<number> {
    return this.#missed.count(viewer.userId);
  }

  /** Moves the viewer's marker forward to this call, never back. */
  async markSeen(viewer: Viewer, upTo: string): Promise<number> {
    const call = await this.#calls.byId(viewer, upTo);
    if (call === null) throw callNotFound();
    await this.#missed.markSeen(viewer.userId, call);
    return this.#missed.count(viewer.userId);
  }

  timeline(callId: string): Promise<TimelineRow[]> {
    return this.#reads(() => this.#history.timeline(callId));
  }
}

function writeCursor({ createdAt, id }: HistoryCursor): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');
}

function readCursor(text: string): HistoryCursor {
  // More digits would be an instant that Postgres cannot read.
  const [, ms, id] = /^(\d{1,13})\.(.+)$/.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  if (ms === undefined || id === undefined || !isUuid(id)) throw badInput('after', 'after is no cursor of this history.');
  return { createdAt: new Date(Number(ms)), id };
}
