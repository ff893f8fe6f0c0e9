import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AppError, badInput, callNotFound, errorCodes, type ErrorDetails } from '../src/errors.js';
import { errorFormatter } from '../src/graphql/format-error.js';
import { createLogger, type Logger } from '../src/logger.js';
import { closeCodes } from '../src/server/connection.js';

const documentation = readFileSync('docs/errors.md', 'utf8');

/** The rows of the table under that heading, cell by cell. */
function rowsOf(heading: string): string[][] {
  const section = documentation.split(/^## /m).find((text) => text.startsWith(heading)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| code'));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const codes = Object.keys(errorCodes);

test('docs/errors.md lists exactly the codes of the catalogue, each once', () => {
  expect(
    rowsOf('Codes')
      .map(([code = '']) => code.replaceAll('`', ''))
      .toSorted(),
  ).toEqual(codes.toSorted());
});

test('each code and close code says when it comes and what a client does', () => {
  for (const [, when, what] of [...rowsOf('Codes'), ...rowsOf('Close codes')]) {
    expect(when).toMatch(/\.$/);
    expect(what).toMatch(/\.$/);
  }
});

test('docs/errors.md names no detail that errors do not have, and each that they have', () => {
  const details: Record<keyof ErrorDetails, true> = {
    field: true,
    limit: true,
    status: true,
    endReason: true,
    allowed: true,
    callId: true,
    retryAfterMs: true,
  };
  const named = rowsOf('Codes').flatMap(([, , , cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(details).toSorted());
});

test('docs/errors.md lists the close codes that the protocols give a server, and those of its own', () => {
  const ofTheProtocol = [
    CloseCode.BadRequest,
    CloseCode.Unauthorized,
    CloseCode.Forbidden,
    CloseCode.SubprotocolNotAcceptable,
    CloseCode.ConnectionInitialisationTimeout,
    CloseCode.SubscriberAlreadyExists,
    CloseCode.TooManyInitialisationRequests,
  ];
  // What ws finds by itself: RFC 6455, section 7.4.1.
  const ofFrames = [1_002, 1_007, 1_008, 1_009];
  const expected = new Set<number>([...ofFrames, ...ofTheProtocol, ...Object.values(closeCodes)]);
  expect(rowsOf('Close codes').map(([code]) => Number(code))).toEqual([...expected].toSorted((a, b) => a - b));
});

test('no file of the server gives a code that the catalogue does not have', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const given = files.flatMap((file) =>
    [...readFileSync(join('src', file), 'utf8').matchAll(/new AppError\(\s*'(\w+)'/g)].map(([, code]) => code),
  );
  expect(given.length).toBeGreaterThan(5);
  for (const code of given) expect(codes).toContain(code);
});

test('an error carries its code and details, and what caused it stays inside', () => {
  const cause = new Error('SELECT secrets');
  const error = new AppError('UNAVAILABLE', 'Later.', { retryAfterMs: 5 }, { cause });
  expect(error).toMatchObject({ name: 'AppError', code: 'UNAVAILABLE', message: 'Later.', details: { retryAfterMs: 5 }, cause });
  expect(badInput('key', 'No.')).toMatchObject({ code: 'BAD_INPUT', details: { field: 'key' } });
  expect(callNotFound()).toMatchObject({ code: 'NOT_FOUND', details: {} });
});

test('a database that is away is said once a second, with how often it was not said', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const lines: object[] = [];
  const logger = { ...createLogger('silent'), warn: (line: object) => void lines.push(line) } as unknown as Logger;
  const format = errorFormatter({ logger, production: true });
  const away = new GraphQLError('x', { originalError: Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }) });
  for (let n = 0; n < 10; n += 1) expect(format(away).extensions?.['code']).toBe('UNAVAILABLE');
  expect(lines).toHaveLength(1);
  vi.advanceTimersByTime(1_001);
  format(away);
  format(away);
  expect(lines).toMatchObject([{ err: expect.any(Error) }, { unlogged: 9 }]);
});
