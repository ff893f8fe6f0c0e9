import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { layOut } from './columns.ts';
import { type Frame, timesByPlace } from './cpu-profile.ts';
import { measure } from './measure.ts';
import type { Options } from './options.ts';
import { writeProfile } from './report.ts';
import { switchboard } from './switchboard-program.ts';

type Place = readonly [name: string, isHere: (frame: Frame) => boolean];

const from =
  (...parts: readonly string[]) =>
  ({ url }: Frame): boolean =>
    parts.some((part) => url.includes(part));
const named =
  (...names: readonly string[]) =>
  ({ name, url }: Frame): boolean =>
    url === '' && names.includes(name);
const either =
  (...tests: readonly ((frame: Frame) => boolean)[]) =>
  (frame: Frame): boolean =>
    tests.some((test) => test(frame));

/** The way of a signal, from its socket to the other one; the first that fits has it. */
const way: readonly Place[] = [
  ['garbage collection', named('(garbage collector)')],
  ['V8 and Node outside JavaScript', named('(program)')],
  ['promises', either(named('runMicrotasks'), from('task_queues', 'promise_hooks'))],
  ['the write to the socket', either(named('writev', 'writeBuffer'), from('streams/writable', 'text-frames', 'server/connection'))],
  [
    'the read from the socket: ws, streams, strings',
    from('node_modules/ws/', 'streams/', 'stream_base_commons', 'node:net', 'node:events', 'node:buffer', 'internal/buffer'),
  ],
  ['the message: JSON and its form', from('node_modules/graphql-ws/')],
  ['the protocol, and JSON of what is told', from('server/')],
  ['the operation: GraphQL and its plan', from('node_modules/graphql', 'dist/graphql/')],
  ['the commit: batches, pg, its answer', from('group-commit', 'signal.repository', 'node_modules/pg', 'dist/db/')],
  ['checks, ids, order', from('dist/signaling/signal', 'dist/calls/', 'dist/text', 'internal/crypto', 'dist/auth/')],
  ['the inbox: hand-over, streams, cursors', from('dist/inbox/', 'dist/signaling/')],
  // V8 gives no address to functions that were made from text, and none to its own.
  ['the operation: GraphQL and its plan', ({ url }) => url === ''],
];
const elsewhere = 'all else: timers, metrics, polls';

function placeOf(frame: Frame): string {
  return way.find(([, isHere]) => isHere(frame))?.[0] ?? elsewhere;
}

/** Where the CPU of the server goes while signals pass as fast as they can, in shares of what one costs. */
export async function benchProfile(options: Options): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'switchboard-profile-'));
  try {
    const command = options.switchboardCommand.replace(/^node /, `node --cpu-prof --cpu-prof-interval=250 --cpu-prof-dir=${directory} `);
    const { serverMicrosecondsPerSignal, fromUs, toUs } = await measure(switchboard(command, {}), options);
    const times = timesByPlace(directory, fromUs, toUs, placeOf);
    const whole = [...times.values()].reduce((sum, time) => sum + time, 0);
    const row = (place: string, time: number): string[] => [
      place,
      ((serverMicrosecondsPerSignal * time) / whole).toFixed(1),
      `${((100 * time) / whole).toFixed(1)} %`,
    ];
    const places = [...times].toSorted(([, a], [, b]) => b - a).map(([place, time]) => row(place, time));
    const rows = [['place', 'µs a signal', 'share'], ...places, row('the whole', whole)];
    console.log(layOut(rows));
    writeProfile(rows);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
