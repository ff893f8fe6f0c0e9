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

/**
 * Makes a peer connection. The configuration has the servers that the server names.
 *
 * @example
 * ```ts
 * const relayed: CreatePeerConnection = (configuration) => new RTCPeerConnection({ ...configuration, iceTransportPolicy: 'relay' });
 * const phone = new Switchboard({ createPeerConnection: relayed });
 * ```
 */
export type CreatePeerConnection = (configuration: RTCConfiguration) => RTCPeerConnection;

/** The browser's, where there is one. */
export function defaultPeerConnection(): CreatePeerConnection | null {
  const { RTCPeerConnection } = globalThis as { RTCPeerConnection?: typeof globalThis.RTCPeerConnection };
  return RTCPeerConnection === undefined ? null : (configuration) => new RTCPeerConnection(configuration);
}
