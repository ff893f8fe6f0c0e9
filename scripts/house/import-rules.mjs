// Who may import whom. Each rule names files by `from` and what they import by `to`; `notFrom` lists who may.
// Paths are relative to the root ("src/calls/call.service.ts"), packages read "npm:name/subpath", Node's own "node:fs".
// Type imports count: a service that only names a GraphQL type still cannot be read without knowing GraphQL.

/** Every folder of src that is not a feature. Any other folder is one, so that a new feature is guarded from its first file. */
const houseFolders = ['inbox', 'bus', 'db', 'graphql', 'server', 'client', 'web', 'demo'];
const feature = `^src/(?!(?:${houseFolders.join('|')})/)[^/]+/`;

const pathOf = (...names) => new RegExp(`^(?:${names.join('|')})`);
const packages = (...names) => new RegExp(`^npm:(?:${names.join('|')})(?:/|$)`);

const graphqlAndTransport = packages(
  'graphql',
  'type-graphql',
  'graphql-[^/]+',
  'ws',
  'express',
  '@apollo/[^/]+',
  '@as-integrations/[^/]+',
);
const database = packages('@mikro-orm/[^/]+', 'kysely', 'pg', 'pg-[^/]+');

export const importRules = [
  {
    name: 'domain-without-transport',
    why: 'Services, repositories and entities hold the rules of the house and run under any transport.',
    from: /^src\/.*\.(?:service|repository|entity)\.ts$/,
    to: [graphqlAndTransport, pathOf('src/graphql/', 'src/server/')],
  },
  {
    name: 'database-in-repositories',
    why: 'Only repositories, entities, SQL files, migrations, db/, inbox/, the Postgres bus and app.ts touch the ORM or SQL.',
    from: /^src\//,
    notFrom: /^src\/(?:app\.ts|bus\/postgres-bus\.ts|(?:db|inbox|migrations)\/.*|.*\.(?:repository|entity|sql)\.ts)$/,
    to: [database],
  },
  {
    name: 'inbox-and-bus-know-no-feature',
    why: 'The log carries events of features it has never heard of.',
    from: pathOf('src/inbox/', 'src/bus/'),
    to: [new RegExp(feature)],
  },
  {
    name: 'inbox-by-its-interface',
    why: 'A feature relies on the promise written in inbox.ts and on nothing behind it.',
    from: new RegExp(feature),
    to: [/^src\/inbox\/(?!inbox\.ts$)/],
  },
  {
    name: 'bus-by-its-interface',
    why: 'A feature relies on the promise written in bus.ts and on nothing behind it.',
    from: new RegExp(feature),
    to: [/^src\/bus\/(?!bus\.ts$)/],
  },
  {
    name: 'server-knows-no-feature',
    why: 'The transports carry any schema.',
    from: pathOf('src/server/'),
    to: [new RegExp(feature)],
  },
  {
    name: 'client-stands-alone',
    why: 'The SDK is published on its own: it imports itself and public packages.',
    from: pathOf('src/client/'),
    to: [/^src\/(?!client\/)/],
  },
  {
    name: 'client-is-not-the-server',
    why: 'Nothing of the server leans on the SDK; the console and the demo are its users.',
    from: /^src\/(?!client\/|web\/|demo\/)/,
    to: [pathOf('src/client/')],
  },
  {
    name: 'web-uses-the-sdk-only',
    why: 'The console proves that the SDK is enough.',
    from: pathOf('src/web/'),
    to: [/^src\/(?!web\/|client\/)/],
  },
  {
    name: 'errors-import-nothing',
    why: 'The catalogue of error codes is the leaf that everything else may use.',
    from: /^src\/errors\.ts$/,
    to: [/./],
  },
  {
    name: 'config-is-pure',
    why: 'loadConfig(env) computes; it opens no file, socket or database.',
    from: /^src\/config(?:\.ts$|\/)/,
    to: [
      /^node:(?!path$|url$|util$)/,
      /^npm:(?!(?:zod|ipaddr\.js)(?:\/|$))/,
      /^src\/(?!config\/)[^/]+\//,
      /^src\/(?:main|app|logger|metrics)\.ts$/,
    ],
  },
  {
    name: 'process-in-main',
    why: 'Only main.ts reads the environment of the process.',
    from: /^src\//,
    notFrom: /^src\/main\.ts$/,
    to: [/^node:process$/],
  },
];
