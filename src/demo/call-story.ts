import { timelineOperation } from '../client/operations.js';
import { Cast } from './cast.js';
import { describeSteps, describeTimeline, type Interval } from './report.js';

const intervals: readonly Interval[] = [
  ['createCall to offer received', ['ana', 'createCall'], ['ben', 'offer received']],
  ['offer received to answer received', ['ben', 'offer received'], ['ana', 'answer received']],
  ['answer received to ICE connected', ['ana', 'answer received'], ['ana', 'ICE connected']],
  ['ICE connected to data channel open', ['ana', 'ICE connected'], ['ana', 'data channel open']],
  ['createCall to data channel open', ['ana', 'createCall'], ['ana', 'data channel open']],
  ['hang up to the other side told', ['ana', 'hang up'], ['ben', 'ended']],
];

/** One call from registration to hang-up, told by `say` as it goes. Rejects with what went wrong, also when `signal` aborts. */
export async function tellCall(url: string, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  await using cast = new Cast(url, say, signal);
  const { progress } = cast;

  const begun = performance.now();
  const [ana, ben] = await Promise.all([cast.register('ana'), cast.register('ben')]);
  const registered = performance.now();
  await cast.goingWell(Promise.all([ana.connect(), ben.connect()]));
  const connected = performance.now();

  const callId = await cast.goingWell(ana.call(ben));
  await cast.goingWell(Promise.all([progress.reached('ana', 'data channel open'), progress.reached('ben', 'data channel open')]));
  ana.say('Hello Ben, do you hear me?');
  await cast.goingWell(progress.reached('ben', 'message received'));
  ben.say('Loud and clear.');
  await cast.goingWell(progress.reached('ana', 'message received'));

  await cast.goingWell(ana.hangUp());
  await cast.goingWell(Promise.all([progress.reached('ana', 'ended'), progress.reached('ben', 'ended')]));
  const { call } = await cast.goingWell(ana.client.run(timelineOperation, { id: callId }));

  const measured: [string, number][] = [
    ['both registered', registered - begun],
    ['both connected', connected - registered],
  ];
  say(`\n${describeTimeline(call?.timeline ?? [])}\n`);
  say(`\n${describeSteps(progress, measured, intervals)}\n`);
}
