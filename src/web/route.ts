import { Store } from './store.js';

export type List = 'people' | 'history' | 'devices';

/** What is looked at: a list, and beside it (on a narrow page instead of it) the stage with the live call or a call of the history. */
export interface Route {
  readonly list: List;
  /** `live`, the id of a call, or null for the list alone. */
  readonly call: string | null;
}

const lists: readonly string[] = ['people', 'history', 'devices'] satisfies List[];

/** The route is the address behind the #, so that it survives a reload and the browser's back button works. */
export class Router extends Store<Route> {
  constructor() {
    super(read());
    addEventListener('hashchange', () => this.set(read()));
  }

  go(change: Partial<Route>): void {
    const { list, call } = { ...this.value, ...change };
    const hash = `#/${list}${call === null ? '' : `/${call}`}`;
    if (hash !== location.hash) location.hash = hash;
  }
}

function read(): Route {
  const [, list = '', call = ''] = location.hash.split('/');
  return { list: lists.includes(list) ? (list as List) : 'people', call: call === '' ? null : call };
}
