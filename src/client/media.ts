/**
 * What this side sends: a stream with all its tracks, or nothing. Without either the other side is only received.
 *
 * @example
 * ```ts
 * const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
 * await phone.call('ben', { stream });
 * ```
 */
export interface Media {
  readonly stream?: MediaStream;
}

export type CreatePeerConnection = (configuration: RTCConfiguration) => RTCPeerConnection;

/** The browser's, where there is one. */
export function defaultPeerConnection(): CreatePeerConnection | null {
  const { RTCPeerConnection } = globalThis as { RTCPeerConnection?: typeof globalThis.RTCPeerConnection };
  return RTCPeerConnection === undefined ? null : (configuration) => new RTCPeerConnection(configuration);
}
