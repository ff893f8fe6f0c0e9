import express, { type Express } from 'express';

/** Folders of pages that are served in development. */
export interface Pages {
  /** The built console at /, and the SDK as one file at /client.js. */
  readonly console: string;
  /** At /examples/. */
  readonly examples: string;
}

export function servePages(app: Express, pages: Pages): void {
  // Built anew under the same names: asked for each time, and mostly not sent.
  const options = { cacheControl: true, maxAge: 0, index: 'index.html' };
  app.use('/examples', express.static(pages.examples, options));
  app.use('/', express.static(pages.console, options));
}
