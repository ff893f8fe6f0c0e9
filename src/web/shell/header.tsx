import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Avatar, IconButton } from '../controls.js';
import { useDesk } from '../desk.js';
import { useStore } from '../store.js';
import { themes } from '../theme.js';
import { duration } from '../times.js';
import { Brand } from './brand.js';

interface HeaderProps {
  readonly isDrawerOpen: boolean;
  readonly onDrawer: () => void;
}

export function Header({ isDrawerOpen, onDrawer }: HeaderProps): JSX.Element {
  return (
    <header class="header">
      <Brand />
      <ConnectionPill />
      <span class="spacer" />
      <RingToggle />
      <ThemeToggle />
      <IconButton label="Developer: events and faults" icon="code" isPressed={isDrawerOpen} onClick={onDrawer} />
      <Whoami />
    </header>
  );
}

/** How the socket stands; while there is none, since when and which attempt it is. */
function ConnectionPill(): JSX.Element {
  const { connection } = useDesk();
  const { state, lostAtMs, attempts } = useStore(connection);
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    setNowMs(Date.now());
    if (lostAtMs === null) return;
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [lostAtMs]);
  const lostFor = lostAtMs === null ? '' : duration(nowMs - lostAtMs);
  const text = state === 'connected' ? 'Connected' : state === 'closed' ? 'Offline' : attempts <= 1 ? 'Connecting' : 'Reconnecting';
  return (
    <span class={`pill connection-pill ${state}`} role="status">
      <span class="dot" aria-hidden="true" />
      {text}
      {lostFor === '' || attempts <= 1 ? null : (
        <span class="pill-detail" aria-hidden="true">
          {lostFor}, attempt {attempts}
        </span>
      )}
    </span>
  );
}

function RingToggle(): JSX.Element {
  const { rings, ringTone } = useDesk();
  const isOn = useStore(rings) === 'on';
  const toggle = (): void => {
    rings.set(isOn ? 'off' : 'on');
    if (!isOn) ringTone.sample();
  };
  return (
    <IconButton label={isOn ? 'Ring tone: on' : 'Ring tone: off'} icon={isOn ? 'bell' : 'bellOff'} isPressed={isOn} onClick={toggle} />
  );
}

export function ThemeToggle(): JSX.Element {
  const { theme } = useDesk();
  const chosen = useStore(theme);
  const next = themes[(themes.indexOf(chosen) + 1) % themes.length] ?? 'system';
  const icon = { system: 'system', light: 'sun', dark: 'moon' } as const;
  return <IconButton label={`Theme: ${chosen}. Change to ${next}`} icon={icon[chosen]} onClick={() => theme.set(next)} />;
}

function Whoami(): JSX.Element | null {
  const { session, calls } = useDesk();
  const state = useStore(session);
  if (state.phase !== 'in') return null;
  const leave = (): void => {
    calls.reset();
    void session.leave();
  };
  return (
    <div class="whoami">
      <Avatar name={state.user.displayName} size={28} />
      <span class="whoami-names">
        <strong>{state.user.displayName}</strong>
        <small>
          @{state.user.username} · {state.device.name}
        </small>
      </span>
      <IconButton label="Sign out" icon="signOut" onClick={leave} />
    </div>
  );
}
