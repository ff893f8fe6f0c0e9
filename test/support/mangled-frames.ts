import type { Dice } from './dice.js';
import { frame, opcodes } from './frame-socket.js';

const messages = [
  { type: 'connection_init' },
  { type: 'connection_init', payload: { Authorization: 'Bearer x' } },
  { type: 'ping' },
  { type: 'pong', payload: { x: 1 } },
  { id: 'a', type: 'subscribe', payload: { query: '{ __typename }' } },
  { id: 'a', type: 'subscribe', payload: { query: 'subscription { inbox { __typename } }', variables: {} } },
  { id: 'a', type: 'complete' },
  { id: 'a', type: 'next', payload: {} },
];
const values = [null, true, 7, -0.5, '', 'x', '\0', '\ud800', [], {}, [[[]]], { __proto__: null }, 'x'.repeat(5_000)];
const sizes = [0, 1, 125, 126, 65_535, 65_536, 262_144, 262_145];

/** What comes in on a socket: mostly one frame or a few, wrong by chance in what they say or in how they are made. */
export function mangledFrames(dice: Dice): Buffer {
  const frames = Array.from({ length: 1 + dice.below(3) }, () => dice.oneOf([wrongMessage, wrongFrame, wrongBytes, noise])(dice));
  const bytes = Buffer.concat(frames);
  return dice.below(4) === 0 ? bytes.subarray(0, dice.below(bytes.length + 1)) : bytes;
}

/** A whole frame around a message with a field that is missing, of another type, too many, or around no message. */
function wrongMessage(dice: Dice): Buffer {
  const message: Record<string, unknown> = { ...dice.oneOf(messages) };
  const field = dice.oneOf(['type', 'id', 'payload', 'query', '__proto__', 'extra']);
  if (dice.below(3) === 0) delete message[field];
  else message[field] = dice.oneOf(values);
  const text = JSON.stringify(message);
  const at = dice.below(text.length);
  return frame({
    payload: dice.below(3) === 0 ? text.slice(0, at) + dice.oneOf(['', '{', '"', ',', '\0', '[']) + text.slice(at + 1) : text,
  });
}

/** A frame with an opcode, bits or a size that do not go together. */
function wrongFrame(dice: Dice): Buffer {
  return frame({
    opcode: dice.below(16),
    fin: dice.below(2) === 0,
    reserved: dice.oneOf([0, 0, 1, 2, 4, 7]),
    masked: dice.below(4) > 0,
    payload: Buffer.alloc(dice.oneOf(sizes), dice.below(256)),
  });
}

/** A good frame with some bytes of its own turned round, its head among them. */
function wrongBytes(dice: Dice): Buffer {
  const bytes = frame({ opcode: opcodes.text, payload: JSON.stringify(dice.oneOf(messages)) });
  for (let n = 0; n <= dice.below(4); n += 1) bytes[dice.below(dice.below(2) === 0 ? 8 : bytes.length)]! ^= 1 << dice.below(8);
  return bytes;
}

function noise(dice: Dice): Buffer {
  return Buffer.from(Array.from({ length: 1 + dice.below(200) }, () => dice.below(256)));
}
