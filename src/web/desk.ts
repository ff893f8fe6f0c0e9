import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { browserStore, Switchboard } from '../client/index.js';
import { CallDesk } from './calls/call-desk.js';
import { RingTone } from './calls/ring-tone.js';
import { ConnectionWatch } from './connection-watch.js';
import { HistoryBook } from './history/history-book.js';
import { InboxLog } from './inbox-log.js';
import { Notices } from './notices.js';
import { Preference } from './preference.js';
import { Router } from './route.js';
import { SessionState } from './session-state.js';
import { createTheme, type Theme } from './theme.js';

/** Everything that the page knows: the map of the console. */
export class Desk {
  /** Each tab is a device of its own. */
  readonly phone = new Switchboard({ store: browserStore({ perTab: true }) });
  readonly notices = new Notices();
  readonly log = new InboxLog(this.phone);
  readonly connection = new ConnectionWatch(this.phone);
  readonly session = new SessionState(this.phone);
  readonly calls = new CallDesk(this.phone, this.notices);
  readonly history = new HistoryBook(this.phone);
  readonly router = new Router();
  readonly theme: Preference<Theme> = createTheme(document.documentElement);
  readonly rings = new Preference('switchboard-ring', ['off', 'on']);
  readonly ringTone = new RingTone(this.calls.ringing, this.rings);

  /** Goes on with the session of this tab. */
  start(): void {
    this.session.subscribe(() => {
      if (this.session.value.phase === 'in') void this.history.show('all');
      else this.calls.reset();
    });
    void this.session.start();
  }
}

const DeskContext = createContext<Desk | null>(null);
export const DeskProvider = DeskContext.Provider;

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error('There is no desk above this component.');
  return desk;
}
