import type { JSX } from 'preact';

/** Two jacks and the cord between them, as on the favicon. */
export function Brand(): JSX.Element {
  return (
    <span class="brand">
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" class="brand-ground" />
        <path d="M9.5 12.500v4a6.5 6.5 0 0 0 13 0v-1" class="brand-cord" />
        <circle cx="9.5" cy="10" r="3" class="brand-jack" />
        <circle cx="22.5" cy="12.5" r="3" class="brand-jack" />
      </svg>
      <span class="brand-name">Switchboard</span>
    </span>
  );
}
