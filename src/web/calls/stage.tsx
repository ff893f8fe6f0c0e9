import type { JSX } from 'preact';
import { useDesk } from '../desk.js';
import { Icon } from '../icon.js';
import { Inspector } from '../inspector/inspector.js';
import { SecondTabLink } from '../shell/second-tab.js';
import { useStore } from '../store.js';
import { CallView } from './call-view.js';
import { LiveStrip } from './live-strip.js';
import { OverCard } from './over-card.js';

/** The live call with its inspector, a call of the history, what became of the last one, or how to begin. */
export function Stage(): JSX.Element {
  const { calls, router } = useDesk();
  const live = useStore(calls.live);
  const over = useStore(calls.over);
  const route = useStore(router);
  const inspected = route.call === null || route.call === 'live' ? null : route.call;
  if (inspected !== null && inspected !== live?.call.id) {
    return (
      <>
        {live === null ? null : <LiveStrip live={live} />}
        <Inspector key={inspected} callId={inspected} />
      </>
    );
  }
  if (live !== null) {
    return (
      <>
        <CallView live={live} />
        <Inspector key={live.call.id} callId={live.call.id} />
      </>
    );
  }
  if (over !== null) {
    return (
      <>
        <OverCard info={over} />
        <Inspector key={over.id} callId={over.id} />
      </>
    );
  }
  return <Welcome />;
}

function Welcome(): JSX.Element {
  return (
    <div class="welcome">
      <span class="welcome-icon">
        <Icon name="timeline" size={32} />
      </span>
      <h2>Call somebody, and watch how it happens</h2>
      <p>While a call rings, connects and ends, this place shows it, and below it each step as the server saw it.</p>
      <ol>
        <li>
          <strong>Open another tab</strong> and make a second account there, or log in with this one to have a second device.
        </li>
        <li>
          <strong>Search</strong> for the other account under People, and call it.
        </li>
        <li>
          <strong>Look back</strong>: each call under Calls has its timeline.
        </li>
      </ol>
      <SecondTabLink />
    </div>
  );
}
