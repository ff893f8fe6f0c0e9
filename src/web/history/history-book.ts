import { operations, type CallInfo, type InboxEvent, type Switchboard } from '../../client/index.js';
import { explain } from '../phrases.js';
import { Store } from '../store.js';

export const historyFilters = ['all', 'missed', 'incoming', 'outgoing'] as const;
export type HistoryFilter = (typeof historyFilters)[number];

export interface HistoryView {
  readonly filter: HistoryFilter;
  readonly calls: readonly CallInfo[];
  readonly endCursor: string | null;
  readonly hasMore: boolean;
  /** `more` is another page below what is there. */
  readonly phase: 'loading' | 'more' | 'ready' | 'failed';
  readonly fault: string | null;
}

type End = Pick<HistoryView, 'endCursor' | 'hasMore'>;

const pageSize = 25;
const filters = {
  all: {},
  missed: { missed: true },
  incoming: { direction: 'INCOMING' },
  outgoing: { direction: 'OUTGOING' },
} as const;

/** The calls of the user, newest first, read again when one of them changes; and how many were missed since they looked last. */
export class HistoryBook extends Store<HistoryView> {
  readonly missed = new Store(0);
  readonly #phone: Switchboard;
  #reading = 0;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(phone: Switchboard) {
    super({ filter: 'all', calls: [], endCursor: null, hasMore: false, phase: 'loading', fault: null });
    this.#phone = phone;
    phone.on('event', (event) => this.#take(event));
  }

  async show(filter: HistoryFilter): Promise<void> {
    this.set({ filter, calls: [], endCursor: null, hasMore: false, phase: 'loading', fault: null });
    await this.refresh();
  }

  /** What is shown stays until the answer is here, and pages further down stay below it. */
  async refresh(): Promise<void> {
    const { calls: before, endCursor, hasMore } = this.value;
    await this.#read(null, (page, end) => {
      const oldest = page.at(-1)?.createdAt;
      const below = oldest === undefined ? [] : before.filter(({ createdAt }) => createdAt < oldest);
      return below.length === 0 ? { calls: page, ...end } : { calls: [...page, ...below], endCursor, hasMore };
    });
    await this.#count();
  }

  async more(): Promise<void> {
    if (this.value.phase !== 'ready' || !this.value.hasMore) return;
    this.update((view) => ({ ...view, phase: 'more' }));
    await this.#read(this.value.endCursor, (page, end) => ({ calls: [...this.value.calls, ...page], ...end }));
  }

  /** The newest call has been looked at, and all before it. */
  async seen(): Promise<void> {
    const [newest] = this.value.calls;
    if (newest === undefined || this.missed.value === 0) return;
    const { markCallsSeen } = await this.#phone.request(operations.markCallsSeenOperation, { upTo: newest.id });
    this.missed.set(markCallsSeen);
  }

  async #count(): Promise<void> {
    try {
      this.missed.set((await this.#phone.request(operations.missedCallCountOperation, {})).missedCallCount);
    } catch {
      // Asked again at the next event; the number that is shown is the last one known.
    }
  }

  async #read(after: string | null, join: (page: readonly CallInfo[], end: End) => Pick<HistoryView, 'calls'> & End): Promise<void> {
    const reading = (this.#reading += 1);
    const { filter } = this.value;
    try {
      const { calls } = await this.#phone.request(operations.callsOperation, { first: pageSize, after, filter: filters[filter] });
      if (reading !== this.#reading) return;
      const { endCursor, hasNextPage } = calls.pageInfo;
      const page = calls.edges.map(({ node }) => node);
      this.set({ filter, ...join(page, { endCursor, hasMore: hasNextPage }), phase: 'ready', fault: null });
    } catch (error) {
      if (reading === this.#reading) this.update((view) => ({ ...view, phase: 'failed', fault: explain(error) }));
    }
  }

  #take(event: InboxEvent): void {
    if (event.__typename !== 'CallChanged' && event.__typename !== 'Ready') return;
    clearTimeout(this.#soon);
    // A call changes several times in a moment.
    this.#soon = setTimeout(() => void this.refresh(), 250);
  }
}
