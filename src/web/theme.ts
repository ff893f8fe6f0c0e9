import { Preference } from './preference.js';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

/** Light, dark, or as the system has it; the page's root element carries it for the style sheets. */
export function createTheme(root: HTMLElement): Preference<Theme> {
  const theme = new Preference<Theme>('switchboard-theme', themes);
  const apply = (): void => void (root.dataset['theme'] = theme.value);
  theme.subscribe(apply);
  apply();
  return theme;
}
