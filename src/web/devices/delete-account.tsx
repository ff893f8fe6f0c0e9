import type { JSX, TargetedSubmitEvent } from 'preact';
import { useState } from 'preact/hooks';
import { SwitchboardError } from '../../client/index.js';
import { useDesk } from '../desk.js';
import { explain } from '../phrases.js';
import { Field } from '../shell/field.js';

/** Asks for the password before it deletes the account: it cannot be undone. */
export function DeleteAccount(): JSX.Element {
  const { session } = useDesk();
  const [isAsking, ask] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const password = new FormData(event.currentTarget).get('password') as string;
    setBusy(true);
    setFault(null);
    try {
      await session.deleteAccount(password);
    } catch (error) {
      const isWrong = error instanceof SwitchboardError && error.code === 'INVALID_CREDENTIALS';
      setFault(isWrong ? 'This is not your password.' : explain(error));
      setBusy(false);
    }
  };
  const keep = (): void => {
    ask(false);
    setFault(null);
  };
  if (!isAsking) {
    return (
      <div class="pane-note stacked">
        <button type="button" class="button small" onClick={() => ask(true)}>
          Delete account…
        </button>
      </div>
    );
  }
  return (
    <form class="pane-note stacked" onSubmit={(event) => void submit(event)} noValidate aria-label="Delete account">
      <p>Ends your calls and signs out all devices. Others keep their calls with you, without your name. It cannot be undone.</p>
      <Field name="password" label="Your password" type="password" fault={fault} autoComplete="current-password" isFirst />
      <span class="row-actions">
        <button type="button" class="button small" onClick={keep}>
          Keep
        </button>
        <button type="submit" class="button small danger" disabled={isBusy} aria-busy={isBusy}>
          Delete account
        </button>
      </span>
    </form>
  );
}
