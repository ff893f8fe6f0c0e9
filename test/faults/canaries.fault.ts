import { expect, test } from 'vitest';
import { letPass, searchForSecrets } from '../scenarios/search-for-secrets.js';
import { EmbeddedFolder } from '../support/embedded-folder.js';
import { figures, secondsSince } from '../support/figures.js';
import { plantedServer, type Mistake } from '../support/planted-server.js';

test.for(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])('no secret is told at LOG_LEVEL %s', async (level) => {
  const startedAt = performance.now();
  const { found, log, werePayloadsKept, ...counted } = await searchForSecrets({ environment: { LOG_LEVEL: level } });
  figures(`canaries at ${level}`, { ...counted, 'characters of log': log.length, found: found.length, took: secondsSince(startedAt) });
  expect(found).toEqual([]);
  expect(werePayloadsKept).toBe(true);
});

test('no secret is told by a server whose Postgres logs into its log, and no payload is left when it has let a minute pass', async () => {
  const startedAt = performance.now();
  const embedded = await EmbeddedFolder.makeForTest();
  const { found, log, werePayloadsKept, ...counted } = await searchForSecrets({
    environment: { LOG_LEVEL: 'trace' },
    embedded,
    passRetention: letPass,
  });
  figures('canaries on its own Postgres', { ...counted, found: found.length, took: secondsSince(startedAt) });
  expect(found).toEqual([]);
  expect(werePayloadsKept).toBe(true);
  // What the exceptions of the database say is in there, without the statements that they are about.
  expect(log).toContain('"msg":"postgres"');
});

// A search that finds nothing in a server that leaks is none: each of these is one mistake, and where it has to be found.
const mistakes: Readonly<Record<string, readonly [found: RegExp, mistake: Mistake]>> = {
  'the text of an exception is logged': [
    /^the log: payload$/,
    { file: 'logger.js', changes: [['return { name: error.name,', 'return { name: error.name, message: error.message,']] },
  ],
  'the variables of an operation are logged': [
    /^the log: password$/,
    {
      file: 'server/websocket.js',
      changes: [
        [
          'const { document, errors } = operations.prepare(payload.query);',
          'const { document, errors } = operations.prepare(payload.query); this.#options.logger.trace({ asked: JSON.stringify(payload.variables) });',
        ],
      ],
    },
  ],
  'the text of an exception is answered': [
    /^sendSignal of CUSTOM while the database repeats a row in an exception, over WebSocket: payload$/,
    { file: 'graphql/format-error.js', changes: [["'INTERNAL', 'Something went wrong on the server.'", "'INTERNAL', cause.message"]] },
  ],
  'a fault in the variables is told with them': [
    /^login of nobody with strings in lists, over HTTP: password$/,
    { file: 'graphql/fault-text.js', changes: [['return hints ? text + hint : text;', 'return message;']] },
  ],
  'a token that is not good is in the reason of the close': [
    /^first frame 0: the close: secret$/,
    {
      file: 'server/websocket.js',
      changes: [['if (owner === null)', 'if (owner === null) extra.connection.close(4403, token.slice(0, 100)); if (owner === null)']],
    },
  ],
  'a webhook carries the key that it is signed with': [
    /^a webhook: webhook_secret$/,
    { file: 'webhooks/webhook-sender.js', changes: [["'webhook-id': id,", "'webhook-id': id, 'webhook-key': this.#parts.secrets[0],"]] },
  ],
  'metrics are by token': [
    /^\/metrics: secret$/,
    {
      file: 'server/http.js',
      changes: [['send(await metrics.text())', 'send(`${await metrics.text()}asked_total{by="${_request.headers.authorization}"} 1\\n`)']],
    },
  ],
  'a password is stored': [
    /^the database, in account: password$/,
    { file: 'auth/auth.service.js', changes: [['displayNameKey: foldName(displayName)', 'displayNameKey: foldName(password)']] },
  ],
  'the timeline has the payload': [
    /^the timelines: payload$/,
    {
      file: 'signaling/append-signals.sql.js',
      changes: [
        [
          '), noted AS (',
          `), leaked AS (
    INSERT INTO call_timeline (call_id, side, n, at, kind, detail)
    SELECT p_calls[u.lane], 9, v_seqs[u.lane] + u.n, clock_timestamp(), u.kind, convert_from(substring(p_bodies FROM u.start FOR u.length), 'UTF8')
    FROM unnest(p_lanes, p_kinds, p_starts, p_lengths) WITH ORDINALITY AS u (lane, kind, start, length, n)
  ), noted AS (`,
        ],
      ],
    },
  ],
  'Postgres keeps samples of payloads': [
    /^the database behind the retention, in pg_stats: payload$/,
    { file: 'db/migrations/2026-11-24-no-samples.js', changes: [['COLUMN body SET STATISTICS 0', 'COLUMN body SET STATISTICS 100']] },
  ],
  'the retention does not pass': [
    /^the database behind the retention, in inbox_\d: payload$/,
    { file: 'inbox/janitor.js', changes: [['TRUNCATE inbox_${slot};', 'NULL;']] },
  ],
};

test.for(Object.entries(mistakes))('%s: found', async ([title, [where, mistake]]) => {
  const { found } = await searchForSecrets({
    environment: { LOG_LEVEL: 'trace' },
    during: ['repeats a row in an exception'],
    command: await plantedServer(mistake),
    ...(mistake.file === 'inbox/janitor.js' ? { passRetention: () => Promise.resolve() } : {}),
  });
  figures(`canaries, planted: ${title}`, { found: found.find((it) => where.test(it)) ?? 'nothing' });
  expect(found).toContainEqual(expect.stringMatching(where));
});
