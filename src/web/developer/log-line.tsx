import type { JSX } from 'preact';
import type { InboxEvent } from '../../client/index.js';
import type { LogEntry } from '../inbox-log.js';
import { shortId } from '../inspector/entry-text.js';
import { clock } from '../times.js';

/** A line of the log; opened, the event as it came. */
export function LogLine({ entry }: { readonly entry: LogEntry }): JSX.Element {
  const [kind, what] = wordsOf(entry);
  const head = (
    <>
      <time>{clock(entry.atMs)}</time>
      <span class="log-kind">{kind}</span>
      <span class="log-what">{what}</span>
    </>
  );
  if (entry.type !== 'event') return <li class={`log-line ${entry.type}`}>{head}</li>;
  return (
    <li class={`log-line ${entry.event.__typename}`}>
      <details>
        <summary>{head}</summary>
        <pre tabIndex={0}>{JSON.stringify(entry.event, null, 2)}</pre>
      </details>
    </li>
  );
}

function wordsOf(entry: LogEntry): [kind: string, what: string] {
  if (entry.type === 'connection') return ['connection', entry.state];
  if (entry.type === 'error') return ['error', entry.error.message];
  return [entry.event.__typename, detailOf(entry.event)];
}

function detailOf(event: InboxEvent): string {
  switch (event.__typename) {
    case 'CallChanged':
      return `${event.change} …${shortId(event.call.id)}`;
    case 'SignalReceived':
      return `${event.kind} ${event.payload.length} chars`;
    case 'Ready':
      return `${event.recovered ? 'recovered' : 'not recovered'}, ${event.activeCalls.length} active`;
    case 'SessionExpiring':
      return `at ${clock(event.expiresAt)}`;
    case 'ServerDraining':
      return `come back in ${event.reconnectAfterMs} ms`;
  }
}
