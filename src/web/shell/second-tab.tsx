import type { JSX } from 'preact';
import { Icon } from '../icon.js';

/** Without an opener a tab has a storage of its own, and so is another device. */
export function SecondTabLink(): JSX.Element {
  return (
    <a class="button" href="./" target="_blank" rel="noopener">
      <Icon name="external" size={16} />
      Open another tab
    </a>
  );
}
