import type { Viewer } from '../auth/viewer.js';
import { AppError } from '../errors.js';

/** The signed-in viewer, or UNAUTHENTICATED. A subscription asks by itself: `@Authorized()` guards its events only. */
export function requireViewer({ viewer }: { readonly viewer: Viewer | null }): Viewer {
  if (viewer === null) throw new AppError('UNAUTHENTICATED', 'Log in first, or refresh the session.');
  return viewer;
}
