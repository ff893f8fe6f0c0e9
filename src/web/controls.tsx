import type { ComponentChildren, JSX } from 'preact';
import { Icon, type IconName } from './icon.js';

interface IconButtonProps {
  /** Its name, and the text beside the pointer. */
  readonly label: string;
  readonly icon: IconName;
  readonly onClick: () => void;
  readonly tone?: 'plain' | 'good' | 'bad';
  /** Of one that stays pressed. */
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
}

export function IconButton({ label, icon, onClick, tone = 'plain', isPressed, isDisabled = false }: IconButtonProps): JSX.Element {
  return (
    <button
      type="button"
      class={`icon-button ${tone}`}
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={onClick}
      {...(isPressed === undefined ? {} : { 'aria-pressed': isPressed })}
    >
      <Icon name={icon} />
    </button>
  );
}

/** The first letter of a name on a colour that is always the same for it. */
export function Avatar({
  name,
  size = 32,
  isOnline,
}: {
  readonly name: string;
  readonly size?: number;
  readonly isOnline?: boolean;
}): JSX.Element {
  const letters = Array.from(name.toLowerCase());
  const hue = letters.reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 360, 7);
  return (
    <span class="avatar" style={{ '--hue': String(hue), '--size': `${size}px` }} aria-hidden="true">
      {letters[0]?.toUpperCase()}
      {isOnline === undefined ? null : <span class={`presence ${isOnline ? 'online' : 'offline'}`} />}
    </span>
  );
}

/** What stands where a list would be: that it is read, that there is nothing, or why it failed. */
export function Placeholder({
  title,
  children,
  icon,
}: {
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <div class="placeholder">
      {icon === undefined ? null : <Icon name={icon} size={28} />}
      <p class="placeholder-title">{title}</p>
      {children === undefined ? null : <div class="placeholder-text">{children}</div>}
    </div>
  );
}

export function LoadingRows({ count = 5 }: { readonly count?: number }): JSX.Element {
  return (
    <div class="loading-rows" role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, n) => (
        <div key={n} class="loading-row" />
      ))}
    </div>
  );
}

export function Failure({ text, onRetry }: { readonly text: string; readonly onRetry: () => void }): JSX.Element {
  return (
    <div class="failure" role="alert">
      <p>{text}</p>
      <button type="button" class="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
