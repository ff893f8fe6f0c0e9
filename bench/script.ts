/**
 * What one pair says in one round: an offer, an answer and eight candidates a side. The sizes are those of a browser's
 * video call: a session description of 2.5 KB, a candidate of about 200 bytes.
 */
export type Role = 'caller' | 'callee';
export type Kind = 'OFFER' | 'ANSWER' | 'ICE_CANDIDATE';

export interface Line {
  readonly kind: Kind;
  /** Contains PLACE exactly once, where the sequence number of the signal goes: no two payloads of a run are equal. */
  readonly payload: string;
}

export const CANDIDATES_PER_SIDE = 8;
export const LINES_PER_SIDE = 1 + CANDIDATES_PER_SIDE;
export const SIGNALS_PER_ROUND = 2 * LINES_PER_SIDE;

/** As long as the number that takes its place, so that sizes are what they seem. */
export const PLACE = '@@SEQ@@#';

const DESCRIPTION_BYTES = 2_560;

export function sequenceText(sequence: number): string {
  return String(sequence).padStart(PLACE.length, '0');
}

export function lines(role: Role): readonly Line[] {
  const description: Line = { kind: role === 'caller' ? 'OFFER' : 'ANSWER', payload: sessionDescription(role) };
  const candidates = Array.from({ length: CANDIDATES_PER_SIDE }, (_, index): Line => ({
    kind: 'ICE_CANDIDATE',
    payload: candidate(index),
  }));
  return [description, ...candidates];
}

function sessionDescription(role: Role): string {
  let text = [
    'v=0',
    `o=- ${PLACE} 2 IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    'a=group:BUNDLE 0 1',
    'a=msid-semantic: WMS stream',
    'm=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99 100 101 35 36 37 38',
    'c=IN IP4 0.0.0.0',
    'a=ice-ufrag:F7gI',
    'a=ice-pwd:x9cml/YzichV2+XlhiMu8g8a',
    'a=fingerprint:sha-256 49:66:12:17:0D:1C:91:AE:57:4C:C6:36:DD:D5:97:D2:7D:62:C9:9A:7F:B9:A3:F4:70:03:E7:43:91:73:23:5E',
    `a=setup:${role === 'caller' ? 'actpass' : 'active'}`,
    'a=mid:0',
    '',
  ].join('\r\n');
  for (let type = 96; text.length < DESCRIPTION_BYTES; type += 1) {
    text += `a=rtpmap:${type} VP8/90000\r\na=rtcp-fb:${type} goog-remb\r\na=rtcp-fb:${type} nack pli\r\na=fmtp:${type} apt=${type}\r\n`;
  }
  return `${text.slice(0, DESCRIPTION_BYTES - 2)}\r\n`;
}

function candidate(index: number): string {
  return JSON.stringify({
    candidate: `candidate:${PLACE} 1 udp ${1_677_729_535 - index} 203.0.113.${index + 1} ${50_000 + index} typ srflx raddr 192.168.1.${index + 20} rport ${60_000 + index} generation 0 ufrag F7gI network-cost 999`,
    sdpMid: '0',
    sdpMLineIndex: 0,
  });
}
