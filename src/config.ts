import { z } from 'zod';
import { isStunUrl, isTurnUrl } from './config/ice-urls.js';
import { weaknessOf } from './config/secret-strength.js';
import { limitDefinitions, type LimitName, type Limits } from './limits.js';
import { readWebhookTarget, type WebhookTarget } from './config/webhook-target.js';

/** One key of the ring that signs and verifies access tokens; the first of the ring signs. */
export interface SigningKey {
  readonly kid: string;
  readonly secret: string;
}

/** What clients are told of STUN and TURN servers. */
export interface IceConfig {
  readonly stunUrls: readonly string[];
  /** Null where there is no TURN server; `secret` is shared with those that there are. */
  readonly turn: { readonly urls: readonly string[]; readonly secret: string; readonly ttlSeconds: number } | null;
}

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** False where PORT was left to us: a taken port is then no fault, the next free one is used. */
  readonly portIsFixed: boolean;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Null: nodes wake each other through Postgres. May hold a password. */
  readonly redisUrl: string | null;
  /** Null in development: a secret is made at first start and kept under `dataDir`. */
  readonly signingKeys: readonly SigningKey[] | null;
  readonly corsOrigins: readonly string[];
  readonly trustedProxyHops: number;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly retentionMs: number;
  readonly metricsPort: number | null;
  readonly migrate: boolean;
  readonly accessTokenSeconds: number;
  readonly refreshTokenDays: number;
  readonly bcryptCost: number;
  readonly signalingLostSeconds: number;
  readonly drainSeconds: number;
  readonly ice: IceConfig;
  /** Null: nobody is told. */
  readonly webhook: WebhookTarget | null;
  readonly limits: Limits;
}

/** The configuration cannot be used. `problems` holds every fault, one line each; the process exits with 78. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(['The configuration cannot be used:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.problems = problems;
  }
}

const sandboxOrigins = ['https://studio.apollographql.com', 'https://sandbox.embed.apollographql.com'];

const integer = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `has to be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `has to be a whole number from ${min} to ${max}`)
    .optional()
    .transform((value) => value ?? fallback);

const toggle = (fallback: boolean) =>
  z
    .enum(['on', 'off'], 'has to be on or off')
    .optional()
    .transform((value) => (value === undefined ? fallback : value === 'on'));

const list = (fallback: readonly string[]) =>
  z
    .string()
    .optional()
    .transform((value) =>
      value === undefined
        ? fallback
        : value
            .split(',')
            .map((item) => item.trim())
            .filter((item) => item !== ''),
    );

const limitSchemas = Object.fromEntries(
  Object.entries(limitDefinitions).map(([name, { default: fallback, kind }]) => [
    name,
    integer(fallback, kind === 'size' ? 1 : 0, 1_000_000_000),
  ]),
) as Record<LimitName, ReturnType<typeof integer>>;

const environmentSchema = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test'], 'has to be development, production or test').default('development'),
  HOST: z.string().optional(),
  PORT: integer(4000, 0, 65_535),
  DATABASE_URL: z
    .string()
    .refine(
      (value) => value === 'embedded' || (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value)),
      'has to be a postgres:// URL or the word embedded',
    )
    .optional(),
  DATA_DIR: z.string().default('.data'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'has to be a redis:// URL')
    .optional(),
  JWT_SECRET: z.string().optional(),
  CORS_ORIGINS: list(sandboxOrigins).refine(
    (origins) => origins.every((origin) => origin === '*' || (URL.canParse(origin) && new URL(origin).origin === origin)),
    'has to be * or a list of origins as https://app.example.com: with a scheme, without a path or a slash at the end',
  ),
  TRUST_PROXY: z
    .string()
    .regex(/^(off|\d{1,2})$/, 'has to be off or a number of hops')
    .default('off'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], "has to be one of pino's levels").default('info'),
  SIGNAL_RETENTION_MINUTES: integer(30, 1, 1_440),
  METRICS_PORT: integer(0, 1, 65_535),
  MIGRATE: toggle(true),
  ACCESS_TOKEN_SECONDS: integer(900, 1, 86_400),
  REFRESH_TOKEN_DAYS: integer(30, 1, 365),
  BCRYPT_COST: integer(12, 4, 15),
  SIGNALING_LOST_SECONDS: integer(120, 1, 3_600),
  DRAIN_SECONDS: integer(10, 0, 300),
  STUN_URLS: list([]).refine((urls) => urls.every(isStunUrl), 'has to be a list of URLs as stun:host:port or stuns:host:port'),
  TURN_URLS: list([]).refine(
    (urls) => urls.every(isTurnUrl),
    'has to be a list of URLs as turn:host:port or turns:host:port?transport=tcp',
  ),
  TURN_SECRET: z.string().optional(),
  TURN_TTL_SECONDS: integer(3_600, 60, 86_400),
  WEBHOOK_URL: z.string().optional(),
  WEBHOOK_SECRET: z.string().optional(),
  WEBHOOK_ALLOW_PRIVATE: toggle(false),
  ...limitSchemas,
});

/** Every variable the server reads; .env.example holds each of them. */
export const environmentNames = Object.keys(environmentSchema.shape);

/** Pure: reads an environment, reports every fault at once as a ConfigError. Empty values count as absent. */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const problems = Object.keys(given)
    .filter((name) => name.startsWith('LIMIT_') && !(name in limitDefinitions))
    .map((name) => `${name} is no limit of this server.`);

  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}.`));
  const production = given['NODE_ENV'] === 'production';
  const signingKeys = readSigningKeys(given['JWT_SECRET'], production, problems);
  judgeTurnSecret(given, production, problems);
  const webhook = readWebhookTarget(
    { url: given['WEBHOOK_URL'], secret: given['WEBHOOK_SECRET'], allowPrivate: given['WEBHOOK_ALLOW_PRIVATE'] === 'on', production },
    problems,
  );
  if (production && given['DATABASE_URL'] === undefined) {
    problems.push('DATABASE_URL has to be set in production: a postgres:// URL, or the word embedded.');
  }
  if (production && Number(given['BCRYPT_COST'] ?? Infinity) < 10) problems.push('BCRYPT_COST has to be 10 or more in production.');
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const values = parsed.data;

  return {
    production,
    host: values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port: values.PORT,
    portIsFixed: given['PORT'] !== undefined || production,
    databaseUrl: values.DATABASE_URL ?? 'embedded',
    dataDir: values.DATA_DIR,
    redisUrl: values.REDIS_URL ?? null,
    signingKeys,
    corsOrigins: production && given['CORS_ORIGINS'] === undefined ? [] : values.CORS_ORIGINS,
    trustedProxyHops: values.TRUST_PROXY === 'off' ? 0 : Number(values.TRUST_PROXY),
    logLevel: values.LOG_LEVEL,
    retentionMs: values.SIGNAL_RETENTION_MINUTES * 60_000,
    metricsPort: values.METRICS_PORT === 0 ? null : values.METRICS_PORT,
    migrate: values.MIGRATE,
    accessTokenSeconds: values.ACCESS_TOKEN_SECONDS,
    refreshTokenDays: values.REFRESH_TOKEN_DAYS,
    bcryptCost: values.BCRYPT_COST,
    signalingLostSeconds: values.SIGNALING_LOST_SECONDS,
    drainSeconds: values.DRAIN_SECONDS,
    ice: {
      stunUrls: values.STUN_URLS,
      turn:
        values.TURN_SECRET === undefined
          ? null
          : { urls: values.TURN_URLS, secret: values.TURN_SECRET, ttlSeconds: values.TURN_TTL_SECONDS },
    },
    webhook,
    limits: Object.fromEntries(Object.keys(limitDefinitions).map((name) => [name, values[name as LimitName]])) as Record<LimitName, number>,
  };
}

/** The same wherever the secret stands in the list: else its tokens were refused once another one is put in front of it. */
const unnamedKid = 'unnamed';

function readSigningKeys(value: string | undefined, production: boolean, problems: string[]): readonly SigningKey[] | null {
  if (value === undefined) {
    if (production) problems.push('JWT_SECRET has to be set in production: 32 bytes or more, for example from `openssl rand -hex 32`.');
    return null;
  }
  const keys = value.split(',').map((item) => {
    const separator = item.indexOf(':');
    return separator > 0
      ? { kid: item.slice(0, separator).trim(), secret: item.slice(separator + 1).trim() }
      : { kid: unnamedKid, secret: item.trim() };
  });
  for (const { kid, secret } of keys) {
    const weakness = weaknessOf(secret);
    if (weakness !== null) problems.push(`JWT_SECRET: the secret ${kid === unnamedKid ? 'without a kid' : `of ${kid}`} ${weakness}`);
  }
  const kids = keys.map((key) => key.kid);
  if (kids.filter((kid) => kid === unnamedKid).length > 1)
    problems.push('JWT_SECRET: of several secrets all but one need a name, as in kid:secret.');
  else if (new Set(kids).size !== kids.length) problems.push('JWT_SECRET names the same kid twice.');
  return keys;
}

/** One without the other would hand out servers that refuse every client. A weak secret is a relay for whoever guesses it. */
function judgeTurnSecret(given: Readonly<Record<string, string | undefined>>, production: boolean, problems: string[]): void {
  const secret = given['TURN_SECRET'];
  const hasUrls = /[^\s,]/.test(given['TURN_URLS'] ?? '');
  if (hasUrls && secret === undefined) problems.push('TURN_SECRET has to be set where TURN_URLS is: the secret of those servers.');
  if (!hasUrls && secret !== undefined) problems.push('TURN_URLS has to be set where TURN_SECRET is: the servers that share it.');
  const weakness = secret === undefined || !production ? null : weaknessOf(secret);
  if (weakness !== null) problems.push(`TURN_SECRET ${weakness}`);
}
