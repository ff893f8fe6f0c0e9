import { useCallback, useEffect, useState } from 'preact/hooks';
import { operations, type CallInfo } from '../../client/index.js';
import { useDesk } from '../desk.js';
import type { DeviceInfo, TimelineEntry } from '../operation-types.js';
import { explain } from '../phrases.js';

export interface Inspected {
  readonly phase: 'loading' | 'ready' | 'missing' | 'failed';
  readonly call: CallInfo | null;
  readonly timeline: readonly TimelineEntry[];
  readonly fault: string | null;
}

/** Events that come in one moment are one reason to read. */
const quietMs = 300;
/** What this device sends, and sockets that are lost, come to it by no event: a call that is not over is read from time to time. */
const liveEveryMs = 5_000;

/** A call and its timeline, read again after each event of the inbox that is about it, when its media change, and from time to time while it goes on. */
export function useTimeline(callId: string): Inspected & { refresh: () => void } {
  const { phone } = useDesk();
  const [inspected, setInspected] = useState<Inspected>({ phase: 'loading', call: null, timeline: [], fault: null });
  const [round, setRound] = useState(0);
  const refresh = useCallback(() => setRound((count) => count + 1), []);
  useEffect(() => {
    let isCurrent = true;
    Promise.all([
      phone.request(operations.callOperation, { id: callId }),
      phone.request(operations.timelineOperation, { id: callId }),
    ]).then(
      ([{ call }, { call: told }]) => {
        if (!isCurrent) return;
        if (call === null) setInspected({ phase: 'missing', call: null, timeline: [], fault: null });
        else setInspected({ phase: 'ready', call, timeline: told?.timeline ?? [], fault: null });
      },
      (error: unknown) => isCurrent && setInspected((known) => ({ ...known, phase: 'failed', fault: explain(error) })),
    );
    return () => void (isCurrent = false);
  }, [phone, callId, round]);
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const later = (): void => {
      clearTimeout(soon);
      soon = setTimeout(refresh, quietMs);
    };
    const offs = [
      phone.on('event', (event) => {
        const about = event.__typename === 'CallChanged' ? event.call.id : event.__typename === 'SignalReceived' ? event.callId : null;
        if (about === callId || event.__typename === 'Ready') later();
      }),
      phone.calls.find(({ id }) => id === callId)?.on('connection', later),
    ];
    return () => {
      clearTimeout(soon);
      for (const off of offs) off?.();
    };
  }, [phone, callId, refresh]);
  const isLive = inspected.call !== null && inspected.call.status !== 'ENDED';
  useEffect(() => {
    if (!isLive) return;
    const timer = setInterval(refresh, liveEveryMs);
    return () => clearInterval(timer);
  }, [isLive, refresh]);
  return { ...inspected, refresh };
}

/** The names of the viewer's own devices, by id; nobody is told those of others. */
export function useDeviceNames(): ReadonlyMap<string, string> {
  const { phone } = useDesk();
  const [devices, setDevices] = useState<readonly DeviceInfo[]>([]);
  useEffect(() => {
    let isCurrent = true;
    // Without them the lanes carry ids.
    phone.request(operations.devicesOperation, {}).then(
      (answer) => isCurrent && setDevices(answer.devices),
      () => undefined,
    );
    return () => void (isCurrent = false);
  }, [phone]);
  return new Map(devices.map(({ id, name, current }) => [id, current ? `${name} (this tab)` : name]));
}
