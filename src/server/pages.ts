import express, { Router, type ErrorRequestHandler, type Express } from 'express';

/** Folders of pages that are served in development. */
export interface Pages {
  /** The built console at /, and the SDK as one file at /client.js. */
  readonly console: string;
  /** At /examples/. */
  readonly examples: string;
}

/** Of the console, which loads and reaches this server alone. The examples have their scripts and styles within. */
const policyOfConsole = "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

export function servePages(app: Express, pages: Pages): void {
  // Built anew under the same names: asked for each time, and mostly not sent.
  const options = { cacheControl: true, maxAge: 0, index: 'index.html' };
  const router = Router();
  router.use('/examples', express.static(pages.examples, options));
  router.use(
    '/',
    express.static(pages.console, { ...options, setHeaders: (response) => response.setHeader('content-security-policy', policyOfConsole) }),
  );
  router.use(answerUnmet);
  app.use(router);
}

/** A range that the file does not have, a version that it is not. */
const answerUnmet: ErrorRequestHandler = (error: { status?: number }, _request, response, next) => {
  if (error.status !== 412 && error.status !== 416) return next(error);
  response.status(error.status).type('text').send('The file is not as it was asked for.\n');
};
