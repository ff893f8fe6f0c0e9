/** FIN and the opcode of text: a message is one frame. */
const wholeText = 0x81;
const in16Bits = 126;
const in64Bits = 127;

/** Messages as a server sends them: text frames without a mask (RFC 6455, section 5.2), one behind the other in one piece. */
export function textFrames(messages: readonly string[]): Buffer {
  const lengths = messages.map((message) => Buffer.byteLength(message));
  const frames = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + headerLength(length) + length, 0));
  let offset = 0;
  for (const [position, message] of messages.entries()) {
    const length = lengths[position]!;
    offset = writeHeader(frames, offset, length);
    // Where no character takes more than a byte there is nothing to encode.
    offset += frames.write(message, offset, length === message.length ? 'latin1' : 'utf8');
  }
  return frames;
}

function headerLength(length: number): number {
  if (length < in16Bits) return 2;
  return length < 0x10000 ? 4 : 10;
}

function writeHeader(frames: Buffer, offset: number, length: number): number {
  const behind = frames.writeUInt8(wholeText, offset);
  if (length < in16Bits) return frames.writeUInt8(length, behind);
  if (length < 0x10000) return frames.writeUInt16BE(length, frames.writeUInt8(in16Bits, behind));
  return frames.writeBigUInt64BE(BigInt(length), frames.writeUInt8(in64Bits, behind));
}
