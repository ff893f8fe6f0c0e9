import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly fault: string | null;
  readonly type?: 'text' | 'password';
  readonly hint?: string;
  readonly value?: string;
  readonly autoComplete?: string;
  /** Has the focus when the form appears. */
  readonly isFirst?: boolean;
}

/** A labelled input with what is wrong with it, or what it takes. */
export function Field({
  name,
  label,
  fault,
  type = 'text',
  hint = '',
  value = '',
  autoComplete = 'off',
  isFirst = false,
}: FieldProps): JSX.Element {
  const id = useId();
  const note = fault ?? hint;
  const attributes = {
    id,
    name,
    defaultValue: value,
    autoComplete,
    autoCapitalize: 'none',
    spellcheck: false,
    autofocus: isFirst,
    'aria-invalid': fault !== null,
    ...(note === '' ? {} : { 'aria-describedby': `${id}-note` }),
  } as const;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {type === 'password' ? <input type="password" {...attributes} /> : <input type="text" {...attributes} />}
      {note === '' ? null : (
        <small id={`${id}-note`} class={fault === null ? 'hint' : 'fault'} {...(fault === null ? {} : { role: 'alert' })}>
          {note}
        </small>
      )}
    </div>
  );
}
