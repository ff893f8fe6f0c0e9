import { callOperation, timelineOperation } from '../client/operations.js';
import { Cast } from './cast.js';
import type { Peer } from './peer.js';
import { describeSteps, describeTimeline, type Interval } from './report.js';
import { Refusal } from './signaling-client.js';

/** What Ben has, in the order in which he bought it. */
const possessions = ['phone', 'tablet', 'laptop', 'desktop', 'watch'] as const;
const notes = ['one', 'two', 'three'];

/**
 * A call to somebody with several devices, told by `say` as it goes: all ring, one answers, one declines too late, a second
 * caller finds them busy, and the one that answered loses its connection for a moment. Rejects with what went wrong.
 */
export async function tellDevices(url: string, devices: number, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  await using cast = new Cast(url, say, signal);
  const { progress } = cast;
  const names = possessions.slice(0, devices);
  const chapter = (text: string): void => say(`\n${text}\n`);

  chapter(`Ana, Ben and Cleo sign in; Ben on his ${listOf(names)}.`);
  const begun = performance.now();
  const [ana, cleo, phone] = await cast.goingWell(
    Promise.all([cast.register('ana'), cast.register('cleo'), cast.register('ben', { device: 'phone', waits: true })]),
  );
  const others = await cast.goingWell(Promise.all(names.slice(1).map((name) => cast.another(phone, name))));
  const tablet = others[0];
  if (tablet === undefined) throw new Error('This story wants a second device.');
  const everybody = [ana, cleo, phone, ...others];
  await cast.goingWell(Promise.all(everybody.map((peer) => peer.connect())));
  const connected = performance.now();

  chapter('Ana calls. All of them ring.');
  const callId = await cast.goingWell(ana.call(phone));
  await cast.goingWell(Promise.all([phone, ...others].map(({ name }) => progress.reached(name, 'rings'))));
  await cast.goingWell(progress.reached('phone', 'offer received'));

  chapter('The phone answers; the others stop ringing.');
  await cast.goingWell(phone.answer());
  await cast.goingWell(Promise.all(others.map(({ name }) => progress.reached(name, 'answered elsewhere'))));

  chapter('Somebody presses decline on the tablet, a moment too late. The call goes on.');
  await cast.goingWell(declineTooLate(tablet));
  const { call: standing } = await cast.goingWell(ana.client.run(callOperation, { id: callId }));
  if (standing?.status !== 'ACTIVE' || standing.calleeDeviceId !== phone.client.session.device.id)
    throw new Error('The call did not go on.');
  await cast.goingWell(Promise.all([ana, phone].map(({ name }) => progress.reached(name, 'data channel open'))));

  chapter('Cleo calls Ben too. He is in a call.');
  await cast.goingWell(cleo.tryToCall(phone));

  chapter('The phone loses its connection to the server. What it says to Ana goes on, what she signals waits.');
  phone.cut();
  ana.say('Are you still there?');
  await cast.goingWell(progress.reached('phone', 'message received'));
  for (const note of notes) await cast.goingWell(ana.note(note));
  progress.mark('ana', 'notes sent', listOf(notes));

  chapter('It comes back with its cursor.');
  await cast.goingWell(phone.comeBack());
  await cast.goingWell(phone.noted(notes.length));
  progress.mark('phone', 'notes received', listOf(phone.notes));
  phone.say('I never left.');
  await cast.goingWell(progress.reached('ana', 'message received'));

  chapter('Ana hangs up.');
  await cast.goingWell(ana.hangUp());
  await cast.goingWell(Promise.all([ana, phone, ...others].map(({ name }) => progress.reached(name, 'ended'))));
  if (phone.notes.join() !== notes.join()) throw new Error(`The phone was told ${listOf(phone.notes)} instead of ${listOf(notes)}.`);

  const { call } = await cast.goingWell(ana.client.run(timelineOperation, { id: callId }));
  const deviceNames = new Map([ana, phone, ...others].map(({ name, client }) => [client.session.device.id, name]));
  say(`\n${describeTimeline(call?.timeline ?? [], deviceNames)}\n`);
  say(`\n${describeSteps(progress, [['all signed in and connected', connected - begun]], intervalsWith(others))}\n`);
}

/** Refused, as it has to be; rejects where it is not. */
async function declineTooLate(device: Peer): Promise<void> {
  const [outcome] = await Promise.allSettled([device.decline()]);
  const cause: unknown = outcome.status === 'rejected' ? outcome.reason : null;
  if (cause instanceof Refusal && cause.code === 'CALL_STATE_CONFLICT') return;
  throw new Error('The late decline was not refused as it should be.', { cause });
}

function intervalsWith(others: readonly Peer[]): Interval[] {
  return [
    ['createCall to the phone ringing', ['ana', 'createCall'], ['phone', 'rings']],
    ...others.map(({ name }): Interval => [`answer sent to the ${name} told`, ['phone', 'answer sent'], [name, 'answered elsewhere']]),
    ['answer sent to data channel open', ['phone', 'answer sent'], ['ana', 'data channel open']],
    ['coming back to the last note', ['phone', 'comes back'], ['phone', 'notes received']],
    ...others.map(({ name }): Interval => [`hang up to the ${name} told`, ['ana', 'hang up'], [name, 'ended']]),
  ];
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
