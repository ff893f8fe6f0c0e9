import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { IncomingBar } from './calls/incoming-bar.js';
import { IncomingSheet } from './calls/incoming-sheet.js';
import { Stage } from './calls/stage.js';
import { useDesk } from './desk.js';
import { DeveloperDrawer } from './developer/developer-drawer.js';
import { DevicesPane } from './devices/devices-pane.js';
import { HistoryPane } from './history/history-pane.js';
import { PeoplePane } from './people/people-pane.js';
import { Header } from './shell/header.js';
import { NavBar } from './shell/nav-bar.js';
import { NoticeList } from './shell/notice-list.js';
import { SignIn } from './shell/sign-in.js';
import { useStore } from './store.js';

/** The whole page: the form for who is not signed in, and for who is a list, a stage, and what rings above both. */
export function App(): JSX.Element {
  const { session } = useDesk();
  const { phase } = useStore(session);
  if (phase === 'resuming') return <main class="resuming" aria-busy="true" aria-label="Loading" />;
  return phase === 'out' ? <SignIn /> : <Rooms />;
}

function Rooms(): JSX.Element {
  const { router, calls, history } = useDesk();
  const [isDrawerOpen, openDrawer] = useState(false);
  const route = useStore(router);
  const live = useStore(calls.live);
  const missed = useStore(history.missed);
  const ringing = useStore(calls.ringing);
  useEffect(() => {
    const caller = ringing === null || ringing.isIgnored ? null : ringing.call.other.displayName;
    document.title = caller === null ? `${missed > 0 ? `(${missed}) ` : ''}Switchboard` : `${caller} calls`;
  }, [missed, ringing]);
  // A call that begins comes to the front, also on a narrow page.
  useEffect(() => {
    if (live !== null) router.go({ call: 'live' });
  }, [live, router]);
  return (
    <div class={`rooms ${route.call === null ? 'shows-list' : 'shows-stage'} ${isDrawerOpen ? 'has-drawer' : ''}`}>
      <Header isDrawerOpen={isDrawerOpen} onDrawer={() => openDrawer(!isDrawerOpen)} />
      <IncomingBar />
      <NavBar />
      <section class="list-pane" aria-label={{ people: 'People', history: 'Calls', devices: 'Devices' }[route.list]}>
        {route.list === 'people' ? <PeoplePane /> : route.list === 'history' ? <HistoryPane /> : <DevicesPane />}
      </section>
      <main class="stage">
        <Stage />
      </main>
      {isDrawerOpen ? <DeveloperDrawer onClose={() => openDrawer(false)} /> : null}
      <IncomingSheet />
      <NoticeList />
    </div>
  );
}
