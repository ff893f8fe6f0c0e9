import { once } from 'node:events';
import type { Writable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { textFrames } from '../src/server/text-frames.js';

/** Its types do not have it. */
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** As the client of ws reads them. */
async function read(frames: Buffer): Promise<string[]> {
  const receiver = new Receiver({ isServer: false });
  const heard: string[] = [];
  receiver.on('message', (data: Buffer) => heard.push(data.toString()));
  receiver.end(frames);
  await once(receiver, 'finish');
  return heard;
}

test.for([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('a message of %i bytes is one frame', async (bytes) => {
  const message = 'x'.repeat(bytes);
  const frames = textFrames([message]);
  expect(frames.length - bytes).toBe(bytes < 126 ? 2 : bytes < 65_536 ? 4 : 10);
  expect(await read(frames)).toEqual([message]);
});

test('whatever is said arrives as it was said, in its order', async () => {
  const message = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string({ maxLength: 300 }), fc.string({ unit: 'binary' }));
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1 }), async (messages) => {
      expect(await read(textFrames(messages))).toEqual(messages.map((text) => text.toWellFormed()));
    }),
  );
});
