import type { Viewer } from '../auth/viewer.js';
import { badInput, callNotFound } from '../errors.js';
import { isUuid, requireFirst } from '../text.js';
import { Turns } from '../turns.js';
import type { CallHistoryRepository, HistoryCursor, HistoryFilter, TimelineRow } from './call-history.repository.js';
import type { CallRow } from './call.entity.js';
import type { CallService } from './call.service.js';
import type { MissedRepository } from './missed.repository.js';

export interface HistoryPage {
  readonly edges: { cursor: string; node: CallRow }[];
  readonly pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

/** The calls that a user has been in, and what happened in each. */
export class CallHistoryService {
  readonly #history: CallHistoryRepository;
  readonly #missed: MissedRepository;
  readonly #calls: Pick<CallService, 'byId'>;
  readonly #timelines = new Turns();

  constructor({ history, missed, calls }: { history: CallHistoryRepository; missed: MissedRepository; calls: Pick<CallService, 'byId'> }) {
    this.#history = history;
    this.#missed = missed;
    this.#calls = calls;
  }

  async page(viewer: Viewer, first: number, after: string | null, filter: Partial<HistoryFilter>): Promise<HistoryPage> {
    requireFirst(first);
    const counterpart = filter.with ?? null;
    if (counterpart !== null && !isUuid(counterpart)) return { edges: [], pageInfo: { endCursor: null, hasNextPage: false } };
    const calls = await this.#history.page(viewer.userId, after === null ? null : readCursor(after), first + 1, {
      direction: filter.direction ?? null,
      endReason: filter.endReason ?? null,
      missed: filter.missed ?? null,
      with: counterpart,
    });
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

  /** One has up to 1,000 entries, and a page up to 100 calls: signals are looked at between one and the next. */
  async timeline(callId: string): Promise<TimelineRow[]> {
    await this.#timelines.next();
    return this.#history.timeline(callId);
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
