import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { CallInfo } from '../../client/index.js';
import { Failure, IconButton, LoadingRows, Placeholder } from '../controls.js';
import { useDesk } from '../desk.js';
import { outcomeOf } from '../phrases.js';
import type { TimelineEntry } from '../operation-types.js';
import { instant } from '../times.js';
import { EntryDetails } from './entry-details.js';
import { shortId, timelineText } from './entry-text.js';
import { layOutSequence } from './sequence-diagram.js';
import { SequenceView } from './sequence-view.js';
import { useDeviceNames, useTimeline } from './use-timeline.js';

/** What the server saw of a call, step by step. */
export function Inspector({ callId }: { readonly callId: string }): JSX.Element {
  const { phone, router, notices } = useDesk();
  const { phase, call, timeline, fault, refresh } = useTimeline(callId);
  const copy = async (what: 'JSON' | 'text'): Promise<void> => {
    if (call === null) return;
    const text = what === 'JSON' ? JSON.stringify({ ...call, timeline }, null, 2) : timelineText(call, timeline);
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    notices.say(isCopied ? `The timeline is copied as ${what}.` : 'The browser did not allow to copy.', {
      tone: isCopied ? 'plain' : 'bad',
    });
  };
  return (
    <section class="inspector" aria-label="Call inspector">
      <div class="inspector-head">
        <span class="only-narrow">
          <IconButton label="Back to the list" icon="back" onClick={() => router.go({ call: null })} />
        </span>
        <div class="inspector-title">
          <h2>Timeline</h2>
          {call === null ? null : <Summary call={call} viewerId={phone.user?.id ?? null} />}
        </div>
        <button type="button" class="button small" disabled={call === null} onClick={() => void copy('JSON')}>
          Copy JSON
        </button>
        <button type="button" class="button small" disabled={call === null} onClick={() => void copy('text')}>
          Copy text
        </button>
        <IconButton label="Read again" icon="refresh" onClick={refresh} />
      </div>
      {phase === 'loading' ? <LoadingRows count={6} /> : null}
      {phase === 'missing' ? (
        <Placeholder icon="timeline" title="There is no such call">
          It is none of yours, or it does not exist.
        </Placeholder>
      ) : null}
      {fault === null ? null : <Failure text={fault} onRetry={refresh} />}
      {call !== null && timeline.length === 0 ? <Placeholder icon="timeline" title="Nothing happened yet" /> : null}
      {call !== null && timeline.length > 0 ? <Sequence call={call} timeline={timeline} /> : null}
    </section>
  );
}

function Summary({ call, viewerId }: { readonly call: CallInfo; readonly viewerId: string | null }): JSX.Element {
  return (
    <p>
      {call.caller.displayName} → {call.callee.displayName} · {call.media.toLowerCase()} · {instant(call.createdAt)} ·{' '}
      {call.status === 'ENDED' ? outcomeOf(call, viewerId) : call.status.toLowerCase()} <code title={call.id}>…{shortId(call.id)}</code>
    </p>
  );
}

function Sequence({ call, timeline }: { readonly call: CallInfo; readonly timeline: readonly TimelineEntry[] }): JSX.Element {
  const deviceNames = useDeviceNames();
  const [selected, select] = useState<number | null>(null);
  const [width, setWidth] = useState(640);
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const { current } = place;
    if (current === null) return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    setWidth(current.clientWidth);
    return () => observer.disconnect();
  }, []);
  const diagram = layOutSequence(call, timeline, width);
  const row = selected === null ? undefined : diagram.rows[selected];
  return (
    <div class="sequence">
      <div ref={place} class="sequence-scroll">
        <SequenceView diagram={diagram} call={call} deviceNames={deviceNames} selected={selected} onSelect={select} />
      </div>
      {row === undefined ? (
        <p class="sequence-hint">Select a step to see its details. Times are the server's, from the first step on.</p>
      ) : (
        <EntryDetails row={row} call={call} deviceNames={deviceNames} onClose={() => select(null)} />
      )}
    </div>
  );
}
