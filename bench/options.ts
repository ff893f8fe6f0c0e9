import { parseArgs } from 'node:util';

const commands = ['all', 'signals', 'memory', 'calls', 'http', 'history', 'start', 'profile', 'scale'] as const;

export interface Options {
  readonly command: (typeof commands)[number];
  readonly pairs: number;
  readonly rounds: number;
  readonly warmupRounds: number;
  readonly window: number;
  readonly runs: number;
  /** Signals a second, or null for the closed loop. */
  readonly rate: number | null;
  readonly only: readonly string[] | null;
  readonly switchboardCommand: string;
  readonly idle: number;
  readonly devices: number;
  readonly rows: number;
  readonly repeats: number;
}

export const helpText = `npm run bench -- [all | signals | memory | calls | http | history | start | profile | scale] [options]

all (the default): every figure of docs/performance.md, which it writes; half an hour
signals: what a delivered signal costs, against programs that store nothing
  --pairs 50          pairs that signal at the same time
  --rounds 100        measured rounds a pair: offer, answer, eight candidates a side
  --warmup 30         rounds before them
  --window 4          unacknowledged signals a side
  --runs 3            every program in turn, so many times; medians are printed
  --rate 1000         an open loop at so many signals a second, for the latency
  --idle 10000        devices that are connected, subscribed and silent beside them (Switchboard alone)
  --only a,b          relay, socket.io, peerjs, mercurius, mercurius-jit, yoga, type-graphql-documented, switchboard
memory: what an idle, subscribed device costs in Switchboard
  --devices 10000
calls: whole calls a second, beside the same three statements on bare pg
http: what a mutation over HTTP costs, beside Mercurius
start: seconds from npm start to ready, first and second
profile: where the CPU of a signal goes in Switchboard, into docs/performance.md; takes the options of signals
scale: what a signal costs while devices, calls, rates, rows and nodes grow, into docs/performance.md; a quarter of an hour
  --only nodes,rows   the lines whose name has one of these words, and the page is left alone
history: what a page of the call history costs among a thousand calls and among many more, in a table filled by SQL
  --rows 10000000     calls in the large table, 10000 or more; ten million take 4 to 7 GB below TMPDIR and some minutes
  --repeats 200       requests of each page, in turn
all
  --switchboard-command "node dist/main.js"
  --help`;

/** Null where help was asked for. Throws where an option is wrong. */
export function readOptions(argumentList: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: [...argumentList],
    allowPositionals: true,
    options: {
      pairs: { type: 'string', default: '50' },
      rounds: { type: 'string', default: '100' },
      warmup: { type: 'string', default: '30' },
      window: { type: 'string', default: '4' },
      runs: { type: 'string', default: '3' },
      rate: { type: 'string' },
      only: { type: 'string' },
      idle: { type: 'string' },
      devices: { type: 'string', default: '10000' },
      rows: { type: 'string', default: '10000000' },
      repeats: { type: 'string', default: '200' },
      'switchboard-command': { type: 'string', default: 'node dist/main.js' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const [name = 'all', ...surplus] = positionals;
  const command = commands.find((it) => it === name);
  if (command === undefined || surplus.length > 0) throw new Error(`No such command: ${positionals.join(' ')}`);
  const rows = count('rows', values.rows);
  if (rows < 10_000) throw new Error(`--rows takes 10000 or more, not ${rows}`);
  return {
    command,
    pairs: count('pairs', values.pairs),
    rounds: count('rounds', values.rounds),
    warmupRounds: count('warmup', values.warmup),
    window: count('window', values.window),
    runs: count('runs', values.runs),
    rate: values.rate === undefined ? null : count('rate', values.rate),
    only: values.only?.split(',') ?? null,
    idle: values.idle === undefined ? 0 : count('idle', values.idle),
    devices: count('devices', values.devices),
    rows,
    repeats: count('repeats', values.repeats),
    switchboardCommand: values['switchboard-command'],
  };
}

function count(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} takes a whole number from 1, not ${text}`);
  return Number(text);
}
