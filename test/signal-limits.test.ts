import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signUp, twoInACall, type Device } from './support/device.js';
import { startServer, type TestServer } from './support/server.js';
import { ask, transports, type Transport } from './support/transports.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const mutation = 'mutation ($input: SendSignalInput!) { sendSignal(input: $input) { id delivery duplicate } }';

interface Signal {
  callId: string;
  kind?: string;
  payload: string;
  key?: string | null;
}

const send = (transport: Transport, from: Device, { kind = 'CUSTOM', ...signal }: Signal) =>
  ask(transport, server, from.token, mutation, { input: { kind, ...signal } });

const sent = { data: { sendSignal: { duplicate: false } } };
const refused = (code: string, details: object = {}) => ({ errors: [{ extensions: { code, ...details } }] });

const kib32 = 32_768;
const sizes = [
  ['nothing', '', 'CUSTOM', true],
  ['the end of candidates', '', 'ICE_CANDIDATE', true],
  ['32 KiB of ASCII', 'x'.repeat(kib32), 'OFFER', true],
  ['one byte more', 'x'.repeat(kib32 + 1), 'OFFER', false],
  ['32 KiB in characters of two bytes', 'ä'.repeat(kib32 / 2), 'OFFER', true],
  ['as many and one more', `${'ä'.repeat(kib32 / 2)}x`, 'OFFER', false],
  ['32 KiB in characters of four bytes', '\u{1F4DE}'.repeat(kib32 / 4), 'CUSTOM', true],
  ['as many and one more of those', '\u{1F4DE}'.repeat(kib32 / 4 + 1), 'CUSTOM', false],
  ['32 KiB that JSON writes sixfold', '\u0001'.repeat(kib32), 'CUSTOM', true],
] as const;

test.for(transports.flatMap((transport) => sizes.map((size) => [transport, ...size] as const)))(
  'over %s the limit of a payload counts its bytes in UTF-8: %s',
  async ([transport, , payload, kind, fits]) => {
    const { ana, ben, callId } = await twoInACall(server);
    const answer = await send(transport, ana, { callId, kind, payload });
    if (fits) {
      expect(answer).toMatchObject(sent);
      expect((await ben.received(payload)).payload === payload).toBe(true);
    } else {
      expect(answer).toMatchObject(refused('LIMIT_EXCEEDED', { limit: 'LIMIT_SIGNAL_BYTES', field: 'payload' }));
    }
  },
);

const poison = ['\0', 'v=0\0', '\ud800', 'a\udc00b', '\ud83dx'];
test.for(transports.flatMap((transport) => poison.map((payload) => [transport, payload] as const)))(
  'over %s a payload that could not be kept byte for byte is refused: %j',
  async ([transport, payload]) => {
    const { ana, ben, callId } = await twoInACall(server);
    expect(await send(transport, ana, { callId, payload })).toMatchObject(refused('BAD_INPUT', { field: 'payload' }));
    await ana.send(callId, 'CUSTOM', 'behind it');
    await ben.received('behind it');
    expect(ben.signals).toHaveLength(1);
  },
);

test.for(transports)('over %s a key has 1 to 64 bytes', async (transport) => {
  const { ana, callId } = await twoInACall(server);
  for (const key of ['', 'k'.repeat(65), 'ä'.repeat(33), 'a\0b', '\ud800']) {
    expect(await send(transport, ana, { callId, payload: 'p', key })).toMatchObject(refused('BAD_INPUT', { field: 'key' }));
  }
  for (const key of ['k', 'k'.repeat(64), 'ä'.repeat(32), null]) {
    expect(await send(transport, ana, { callId, payload: 'p', key })).toMatchObject(sent);
  }
});

test.for(transports)(
  'over %s a key is delivered once, answered again, and refused for another signal, also after the end',
  async (transport) => {
    const { ana, ben, callId } = await twoInACall(server);
    const first = await send(transport, ana, { callId, payload: 'once', key: 'k' });
    const again = { data: { sendSignal: { id: (first.data?.['sendSignal'] as { id: string } | undefined)?.id, duplicate: true } } };
    const askAgain = async () => {
      expect(await send(transport, ana, { callId, payload: 'once', key: 'k' })).toMatchObject(again);
      expect(await send(transport, ana, { callId: callId.toUpperCase(), payload: 'once', key: 'k' })).toMatchObject(again);
      for (const other of [{ payload: 'twice' }, { payload: 'once', kind: 'OFFER' }, { payload: '' }]) {
        expect(await send(transport, ana, { callId, key: 'k', ...other })).toMatchObject(refused('BAD_INPUT', { field: 'key' }));
      }
    };
    await askAgain();
    await ben.end(callId);
    await askAgain();
    expect(await send(transport, ana, { callId, payload: 'new', key: 'other' })).toMatchObject(refused('CALL_STATE_CONFLICT'));
    await ben.heard('ENDED', callId);
    expect(ben.signals.map(({ payload }) => payload)).toEqual(['once']);
  },
);

test('the same key at once is one signal; of another device, or in another call, it is another one', async () => {
  const { ana, ben, callId } = await twoInACall(server);
  const receipts = await Promise.all(Array.from({ length: 20 }, () => ana.stream(callId, 'CUSTOM', 'once', 'k')));
  expect(receipts.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
  expect(new Set(receipts.map(({ id }) => id)).size).toBe(1);
  expect(await ben.send(callId, 'CUSTOM', 'bens', 'k')).toMatchObject({ duplicate: false });
  await ana.end(callId);
  const { id } = await ana.ring(ben);
  expect(await ana.send(id, 'CUSTOM', 'anew', 'k')).toMatchObject({ duplicate: false });
  await ben.received('anew');
  expect(ben.signals.map(({ payload }) => payload)).toEqual(['once', 'anew']);
});

test("an ANSWER's key is answered once too, though it accepts, and also after the end", async () => {
  const [ana, ben] = await Promise.all([signUp(server), signUp(server)]);
  await ana.connect();
  const { id } = await ana.ring(ben);
  const first = await ben.send(id, 'ANSWER', 'the answer', 'k');
  expect(first).toMatchObject({ duplicate: false });
  expect(await ben.send(id, 'ANSWER', 'the answer', 'k')).toEqual({ ...first, duplicate: true });
  await expect(ben.send(id, 'ANSWER', 'another', 'k')).rejects.toMatchObject({ extensions: { code: 'BAD_INPUT', field: 'key' } });
  await ana.end(id);
  expect(await ben.send(id, 'ANSWER', 'the answer', 'k')).toMatchObject({ id: first.id, duplicate: true });
  await ana.heard('ENDED', id);
  expect(ana.signals).toHaveLength(1);
});

const kinds = ['OFFER', 'ANSWER', 'ICE_CANDIDATE', 'CUSTOM'] as const;
// Who may send which kinds: before the answer, after it, and after the end. Whoever may not reads how the call stands.
const who = [
  ['CREATED', 'anasPhone', kinds],
  ['CREATED', 'anasLaptop', []],
  ['CREATED', 'bensPhone', ['ANSWER']],
  ['CREATED', 'bensTablet', ['ANSWER']],
  ['ACTIVE', 'anasPhone', kinds],
  ['ACTIVE', 'anasLaptop', []],
  ['ACTIVE', 'bensPhone', kinds],
  ['ACTIVE', 'bensTablet', []],
  ['ENDED', 'anasPhone', []],
  ['ENDED', 'anasLaptop', []],
  ['ENDED', 'bensPhone', []],
  ['ENDED', 'bensTablet', []],
] as const;

test.for(transports.flatMap((transport) => who.map((row) => [transport, ...row] as const)))(
  'over %s, in a call that is %s, %s may send %j',
  async ([transport, status, sender, allowed]) => {
    const [anasPhone, bensPhone] = await Promise.all([signUp(server, 'ana'), signUp(server, 'ben')]);
    const devices = { anasPhone, bensPhone, anasLaptop: await anasPhone.another('laptop'), bensTablet: await bensPhone.another('tablet') };
    const { id } = await anasPhone.ring(bensPhone);
    if (status !== 'CREATED') await bensPhone.accept(id);
    if (status === 'ENDED') await anasPhone.end(id);
    // What is refused comes first: an ANSWER that is allowed changes the call.
    for (const kind of kinds.toSorted((a, b) => Number(a === 'ANSWER') - Number(b === 'ANSWER'))) {
      const answer = await send(transport, devices[sender], { callId: id, kind, payload: kind });
      const fits = (allowed as readonly string[]).includes(kind);
      expect(answer).toMatchObject(fits ? sent : refused('CALL_STATE_CONFLICT', { status, allowed: [] }));
    }
  },
);

test('a receipt says LIVE where a stream of the addressed device is open, else STORED', async () => {
  const [ana, phone] = await Promise.all([signUp(server), signUp(server)]);
  const tablet = await phone.another('tablet');
  const { id } = await ana.ring(phone);
  expect(await ana.send(id, 'OFFER', '1')).toMatchObject({ delivery: 'STORED' });
  await tablet.connect();
  expect(await ana.send(id, 'ICE_CANDIDATE', '2')).toMatchObject({ delivery: 'LIVE' });
  expect(await phone.send(id, 'ANSWER', '3')).toMatchObject({ delivery: 'STORED' });
  // From now on only the phone is addressed, and it is not there.
  expect(await ana.send(id, 'ICE_CANDIDATE', '4')).toMatchObject({ delivery: 'STORED' });
  await Promise.all([phone.connect(), ana.connect()]);
  expect(await ana.send(id, 'ICE_CANDIDATE', '5')).toMatchObject({ delivery: 'LIVE' });
  expect(await phone.send(id, 'ICE_CANDIDATE', '6')).toMatchObject({ delivery: 'LIVE' });
  await phone.received('5');
  expect(phone.signals.map(({ payload }) => payload)).toEqual(['1', '2', '4', '5']);
});

test.for(transports)('over %s a signal in no call is NOT_FOUND before it is anything else about the call', async (transport) => {
  const ana = await signUp(server);
  for (const callId of [randomUUID(), 'no-uuid'])
    expect(await send(transport, ana, { callId, payload: 'p' })).toMatchObject(refused('NOT_FOUND'));
});
