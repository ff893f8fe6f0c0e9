import { randomBytes } from 'node:crypto';
import { timelineOperation } from '../client/operations.js';
import { Peer } from './peer.js';
import { Progress } from './progress.js';
import { describeSteps, describeTimeline } from './report.js';
import { register, SignalingClient } from './signaling-client.js';

/** One call from registration to hang-up, told by `say` as it goes. Rejects with what went wrong, also when `signal` aborts. */
export async function tellCall(url: string, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const progress = new Progress((line) => say(`${line}\n`));

  const stopped = aborted(signal, progress);
  stopped.catch(() => undefined);

  const begun = performance.now();
  const [ana, ben] = await Promise.all([signIn('ana'), signIn('ben')]);
  const registered = performance.now();
  const goingWell = <Result>(step: Promise<Result>): Promise<Result> => Promise.race([step, ana.peer.failed, ben.peer.failed, stopped]);

  await goingWell(Promise.all([ana.peer.connect(), ben.peer.connect()]));
  const connected = performance.now();

  const callId = await goingWell(ana.peer.call(ben.peer));
  await goingWell(Promise.all([progress.reached('ana', 'data channel open'), progress.reached('ben', 'data channel open')]));
  ana.peer.say('Hello Ben, do you hear me?');
  await goingWell(progress.reached('ben', 'message received'));
  ben.peer.say('Loud and clear.');
  await goingWell(progress.reached('ana', 'message received'));

  await goingWell(ana.peer.hangUp());
  await goingWell(Promise.all([progress.reached('ana', 'ended'), progress.reached('ben', 'ended')]));
  const { call } = await goingWell(ana.client.run(timelineOperation, { id: callId }));

  say(`\n${describeTimeline(call?.timeline ?? [])}\n`);
  say(`\n${describeSteps(progress, { registerMs: registered - begun, connectMs: connected - registered })}\n`);

  async function signIn(name: string): Promise<{ peer: Peer; client: SignalingClient }> {
    const username = `${name}-${randomBytes(4).toString('hex')}`;
    const session = await register(url, username, randomBytes(18).toString('base64url'), signal);
    const client = new SignalingClient(url, session);
    const peer = opened.adopt(new Peer({ name, client, progress }), (it) => it.close());
    progress.mark(name, 'registered', `as ${username}`);
    return { peer, client };
  }
}

function aborted(signal: AbortSignal, progress: Progress): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(new Error(`${(signal.reason as Error).message} The last thing that happened: ${progress.last}.`));
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
