import type { Viewer } from '../auth/viewer.js';
import { badInput } from '../errors.js';
import { isUuid, requireFirst } from '../text.js';
import type { CallHistoryRepository, HistoryCursor, HistoryFilter, TimelineRow } from './call-history.repository.js';
import type { CallRow } from './call.entity.js';

export interface HistoryPage {
  readonly edges: { cursor: string; node: CallRow }[];
  readonly pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

/** The calls that a user has been in, and what happened in each. */
export class CallHistoryService {
  readonly #history: CallHistoryRepository;

  constructor(history: CallHistoryRepository) {
    this.#history = history;
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

  timeline(callId: string): Promise<TimelineRow[]> {
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
