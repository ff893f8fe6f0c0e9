import { Store } from './store.js';

/** A sentence that is shown for a while, with at most one thing to do about it. */
export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: 'plain' | 'bad';
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

const shownForMs = 8_000;

/** What there is to say that belongs to no place of the page. */
export class Notices {
  readonly list = new Store<readonly Notice[]>([]);
  #lastId = 0;

  /** Goes by itself, unless there is something to do about it. */
  say(text: string, { tone = 'plain', action = null }: Partial<Pick<Notice, 'tone' | 'action'>> = {}): void {
    const id = (this.#lastId += 1);
    // The same sentence again replaces the one that is there.
    this.list.update((notices) => [...notices.filter((notice) => notice.text !== text), { id, text, tone, action }].slice(-4));
    if (action === null) setTimeout(() => this.dismiss(id), shownForMs);
  }

  dismiss(id: number): void {
    this.list.update((notices) => notices.filter((notice) => notice.id !== id));
  }
}
