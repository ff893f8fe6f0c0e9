import type { JSX, TargetedSubmitEvent } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { SwitchboardError } from '../../client/index.js';
import { useDesk } from '../desk.js';
import { explain } from '../phrases.js';
import type { Credentials } from '../session-state.js';
import { useStore } from '../store.js';
import { Brand } from './brand.js';
import { deviceNameHere } from './device-name.js';
import { Field } from './field.js';
import { ThemeToggle } from './header.js';
import { SecondTabLink } from './second-tab.js';

type FieldName = keyof Credentials;
interface Fault {
  /** Null for the form as a whole. */
  readonly field: FieldName | null;
  readonly text: string;
}

const fieldNames: readonly string[] = ['username', 'password', 'displayName', 'deviceName'] satisfies FieldName[];

/** One form to register and to log in. */
export function SignIn(): JSX.Element {
  const { session } = useDesk();
  const state = useStore(session);
  const [mode, setMode] = useState<'register' | 'login'>(state.phase === 'out' && state.because !== null ? 'login' : 'register');
  const [fault, setFault] = useState<Fault | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: FieldName): string => (data.get(name) as string | null) ?? '';
    setBusy(true);
    setFault(null);
    try {
      await session.enter(mode, {
        username: text('username').trim(),
        password: text('password'),
        displayName: text('displayName').trim(),
        deviceName: text('deviceName').trim(),
      });
    } catch (error) {
      const next = faultOf(error);
      setFault(next);
      form.current?.querySelector<HTMLInputElement>(`[name="${next.field ?? 'username'}"]`)?.focus();
      setBusy(false);
    }
  };
  const faultAt = (field: FieldName): string | null => (fault?.field === field ? fault.text : null);
  const switchTo = (next: 'register' | 'login'): void => {
    setMode(next);
    setFault(null);
  };

  return (
    <main class="sign-in">
      <div class="sign-in-top">
        <Brand />
        <ThemeToggle />
      </div>
      <form ref={form} class="card sign-in-card" onSubmit={(event) => void submit(event)} noValidate aria-labelledby="sign-in-title">
        <div class="segments" role="group" aria-label="What to do">
          <button type="button" aria-pressed={mode === 'register'} onClick={() => switchTo('register')}>
            Create account
          </button>
          <button type="button" aria-pressed={mode === 'login'} onClick={() => switchTo('login')}>
            Log in
          </button>
        </div>
        <h1 id="sign-in-title">{mode === 'register' ? 'Make an account on this server' : 'Welcome back'}</h1>
        {state.phase === 'out' && state.because !== null ? <p class="form-note">{state.because}</p> : null}
        {fault !== null && fault.field === null ? (
          <p class="form-fault" role="alert">
            {fault.text}
          </p>
        ) : null}
        <Field
          name="username"
          label="Username"
          value={state.phase === 'out' ? state.username : ''}
          fault={faultAt('username')}
          autoComplete="username"
          hint={mode === 'register' ? '3 to 32 letters, digits, or _ . -' : ''}
          isFirst
        />
        <Field
          name="password"
          label="Password"
          type="password"
          fault={faultAt('password')}
          autoComplete={mode === 'register' ? 'new-password' : 'current-password'}
          hint={mode === 'register' ? 'At least 8 characters' : ''}
        />
        {mode === 'register' ? (
          <Field
            name="displayName"
            label="Display name"
            fault={faultAt('displayName')}
            autoComplete="name"
            hint="Optional: what others are shown"
          />
        ) : null}
        <Field
          name="deviceName"
          label="This device"
          fault={faultAt('deviceName')}
          value={deviceNameHere()}
          hint="Each tab is a device of its own"
        />
        <button type="submit" class="button primary wide" disabled={isBusy} aria-busy={isBusy}>
          {mode === 'register' ? 'Create account' : 'Log in'}
        </button>
      </form>
      <aside class="sign-in-hint">
        <p>
          A call takes two. Open another tab and make a second account there, or log in with the same one to have a second device that
          rings.
        </p>
        <SecondTabLink />
      </aside>
    </main>
  );
}

function faultOf(error: unknown): Fault {
  const text = explain(error);
  if (!(error instanceof SwitchboardError)) return { field: null, text };
  if (error.code === 'INVALID_CREDENTIALS') return { field: 'password', text };
  const { field = '' } = error.details;
  return { field: fieldNames.includes(field) ? (field as FieldName) : null, text };
}
