import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What V8 writes, as far as it is read here: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile. Times are in µs of the machine's monotonic clock. */
interface CpuProfile {
  readonly startTime: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where a sample was taken. */
export interface Frame {
  readonly name: string;
  readonly url: string;
}

/** How long the process was seen in each place between those two moments, in µs; what it waited is not in it. */
export function timesByPlace(directory: string, fromUs: number, toUs: number, placeOf: (frame: Frame) => string): Map<string, number> {
  const { startTime, nodes, samples, timeDeltas } = mainThread(directory);
  const places = new Map(
    nodes.map(({ id, callFrame }) => [
      id,
      callFrame.functionName === '(idle)' ? null : placeOf({ name: callFrame.functionName, url: callFrame.url }),
    ]),
  );
  const times = new Map<string, number>();
  let atUs = startTime;
  for (const [index, id] of samples.entries()) {
    atUs += timeDeltas[index]!;
    const place = places.get(id);
    if (place == null || atUs < fromUs || atUs > toUs) continue;
    times.set(place, (times.get(place) ?? 0) + (timeDeltas[index + 1] ?? 0));
  }
  return times;
}

/** Of all threads' the one that V8 calls 0. */
function mainThread(directory: string): CpuProfile {
  const name = readdirSync(directory).find((it) => /\.0\.\d+\.cpuprofile$/.test(it));
  if (name === undefined) throw new Error(`The server left no profile in ${directory}.`);
  return JSON.parse(readFileSync(join(directory, name), 'utf8')) as CpuProfile;
}
