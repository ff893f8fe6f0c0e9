// A chat between two tabs over a data channel: the shortest use of RTCPeerConnection that is a call.
import { ask, register, Signaling } from './signaling.js';

const element = (id) => document.getElementById(id);
const say = (line) => (element('log').textContent += `${line}\n`);
const callParts = 'id status endReason direction caller { username } callee { username } callerDeviceId calleeDeviceId';

const credentials = { username: `tab-${crypto.randomUUID().slice(0, 8)}`, password: crypto.randomUUID() };
const { register: session } = await ask(register, { input: credentials });
const signaling = new Signaling(session, {
  onEvent: (event) => handlers[event.__typename]?.(event),
  onState: (state) => (element('state').textContent = state),
  onSignedOut: () => (element('state').textContent = 'signed out'),
});
element('me').textContent = session.user.username;
element('link').href = `#${session.user.username}`;

/** The call that this tab is in: its id, its peer connection, its channel, and what waits to be sent and to be added. */
let current = null;

const handlers = {
  Ready: ({ recovered, activeCalls }) => {
    // What followed the cursor is no longer kept: a call that is not live is over.
    if (!recovered && current !== null && !activeCalls.some(({ id }) => id === current.id)) over('LOST');
  },
  CallChanged: ({ call }) => {
    // By `status` and not by `change`: a CREATED that is read late may be of a call that is over.
    if (call.status === 'ENDED' && call.id === current?.id) over(call.endReason);
    if (call.direction === 'INCOMING' && call.status !== 'ENDED' && current === null) ring(call);
  },
  SignalReceived: ({ callId, kind, payload }) => {
    // One by one: a candidate cannot be added before the description that it belongs to.
    if (callId === current?.id) current.work = current.work.then(() => receive(kind, payload)).catch((error) => say(error.message));
  },
};

function ring(call) {
  say(`${call.caller.username} calls`);
  open(call.id);
  current.peer.addEventListener('datachannel', ({ channel }) => talk(channel));
}

async function place(username) {
  const { user } = await signaling.ask('query ($username: String!) { user(username: $username) { id } }', { username });
  if (user === null) return say(`There is no ${username}.`);
  const input = { calleeId: user.id, media: 'DATA', key: crypto.randomUUID() };
  const { createCall: call } = await signaling.ask(`mutation ($input: CreateCallInput!) { createCall(input: $input) { ${callParts} } }`, {
    input,
  });
  // No error: the callee is in another call.
  if (call.status === 'ENDED') return say(`over: ${call.endReason}`);
  open(call.id);
  // The two called each other at once: it is their call, answered, and their offer is on its way.
  if (call.direction === 'INCOMING') return current.peer.addEventListener('datachannel', ({ channel }) => talk(channel));
  talk(current.peer.createDataChannel('chat'));
  await current.peer.setLocalDescription();
  await send('OFFER', current.peer.localDescription.sdp);
}

function open(id) {
  const peer = new RTCPeerConnection();
  current = { id, peer, channel: null, work: Promise.resolve(), sent: Promise.resolve() };
  peer.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate !== null) void send('ICE_CANDIDATE', JSON.stringify(candidate));
  });
}

async function receive(kind, payload) {
  const { peer } = current;
  if (kind === 'OFFER') {
    await peer.setRemoteDescription({ type: 'offer', sdp: payload });
    await peer.setLocalDescription();
    // Candidates come to light only now, so they stand behind it, as they have to: before the answer they are refused.
    // It accepts the call too. A conflict says that another device of this user was faster.
    await send('ANSWER', peer.localDescription.sdp);
  }
  if (kind === 'ANSWER') await peer.setRemoteDescription({ type: 'answer', sdp: payload });
  if (kind === 'ICE_CANDIDATE')
    for (const candidate of payload === '' ? [] : [JSON.parse(payload)].flat()) await peer.addIceCandidate(candidate);
}

/** One behind the other's receipt: else one that is sent again could arrive behind what followed it. */
function send(kind, payload) {
  const { id } = current;
  const input = { callId: id, kind, payload, key: crypto.randomUUID() };
  const sending = current.sent.then(() =>
    signaling.ask('mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id } }', { input }),
  );
  current.sent = sending.catch((error) => id === current?.id && say(error.message));
  return sending;
}

function talk(channel) {
  current.channel = channel;
  channel.addEventListener('open', () => say('connected to the other tab'));
  channel.addEventListener('message', ({ data }) => say(`they: ${data}`));
}

function over(reason) {
  current.peer.close();
  current = null;
  say(`over: ${reason}`);
}

element('form').addEventListener('submit', (event) => {
  event.preventDefault();
  if (current?.channel?.readyState !== 'open') return say('Nobody is there.');
  current.channel.send(element('text').value);
  say(`I: ${element('text').value}`);
  element('text').value = '';
});
element('hang-up').addEventListener('click', () => {
  if (current !== null) void signaling.ask('mutation ($id: ID!) { endCall(id: $id) { id } }', { id: current.id });
});

if (location.hash) await place(location.hash.slice(1));
