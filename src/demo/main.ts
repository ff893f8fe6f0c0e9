import { tellCall } from './call-story.js';
import { tellDevices } from './devices-story.js';
import { mostDevices, readOptions } from './options.js';
import { startOwnServer } from './own-server.js';

const usage = `A call between two WebRTC peers, signaled by Switchboard: they register, call, trickle their candidates, open a
data channel, say a word each and hang up. Prints what happens and what each step took.

  npm run demo                                             starts a server for it, with a database that is removed afterwards
  npm run demo -- --devices 3                              the callee has so many devices, 1 to ${mostDevices}: all ring, one answers, one
                                                           declines too late, a second caller finds them busy, and the one
                                                           that answered is cut off and comes back
  SWITCHBOARD_URL=http://127.0.0.1:4000 npm run demo       uses the server that runs there; two or three accounts stay behind
  npm run demo -- --help                                   this text

Exit codes: 0 where the call went well, 1 with a message otherwise; after 30 seconds at most.
`;

const boundMs = 30_000;

process.exitCode = await main(process.argv.slice(2), process.env['SWITCHBOARD_URL']);

async function main(args: readonly string[], givenUrl: string | undefined): Promise<0 | 1> {
  const stop = new AbortController();
  const late = setTimeout(() => stop.abort(new Error(`The call took longer than ${boundMs / 1_000} seconds.`)), boundMs);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort(new Error(`Stopped by ${name}.`)));
  try {
    const { help, devices } = readOptions(args);
    if (help) return say(usage);
    await using started = new AsyncDisposableStack();
    const url = givenUrl ? endpointOf(givenUrl) : started.adopt(await startOwnServer(), (it) => it.stop()).url;
    say(devices === 1 ? `\nTwo peers call each other through ${url}\n\n` : `\nAna calls Ben, who has ${devices} devices, through ${url}\n`);
    await (devices === 1 ? tellCall(url, say, stop.signal) : tellDevices(url, devices, say, stop.signal));
    return say('\nThe call went well.\n');
  } catch (error) {
    return fail(error instanceof Error ? error.message : 'The demo failed.');
  } finally {
    clearTimeout(late);
  }
}

/** An address without a path means the server, whose API is at /graphql. */
function endpointOf(given: string): string {
  if (!/^https?:\/\/./.test(given) || !URL.canParse(given)) throw new Error(`SWITCHBOARD_URL is no http or https address: ${given}`);
  const url = new URL(given);
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

function say(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

function fail(message: string): 1 {
  process.stderr.write(`${message}\n`);
  return 1;
}
