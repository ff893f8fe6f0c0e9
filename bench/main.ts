import { benchAll } from './all.ts';
import { benchCalls } from './calls.ts';
import { cores, pin } from './cores.ts';
import { benchHistory } from './history-page.ts';
import { benchHttp } from './http-mutations.ts';
import { benchMemory } from './memory.ts';
import { benchProfile } from './profile.ts';
import { helpText, type Options, readOptions } from './options.ts';
import { benchScale } from './scale.ts';
import { stopAll } from './server-process.ts';
import { benchSignals } from './signals.ts';
import { benchStart } from './start.ts';

const commands = {
  all: benchAll,
  signals: benchSignals,
  memory: benchMemory,
  calls: benchCalls,
  http: benchHttp,
  history: benchHistory,
  start: benchStart,
  profile: benchProfile,
  scale: benchScale,
};

async function run(options: Options): Promise<void> {
  pin(process.pid, cores.loadGenerator);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void stopAll().finally(() => process.exit(130)));
  }
  await commands[options.command](options);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(helpText);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
