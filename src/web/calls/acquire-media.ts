/** What this device can send, and in words what it cannot. */
export interface Acquired {
  readonly stream: MediaStream;
  readonly note: string | null;
}

const picture = { width: { ideal: 1_280 }, height: { ideal: 720 } };

/** Asks for microphone and, where `wantsVideo`, camera. Never rejects: what is missing or denied is not sent, and said. */
export async function acquireMedia(wantsVideo: boolean): Promise<Acquired> {
  const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
  if (mediaDevices === undefined)
    return {
      stream: new MediaStream(),
      note: 'Browsers give camera and microphone to https:// and localhost only. You see and hear, but send nothing.',
    };
  if (wantsVideo) {
    const both = await attempt({ audio: true, video: picture });
    if (both instanceof MediaStream) return { stream: both, note: null };
    const sound = await attempt({ audio: true });
    if (sound instanceof MediaStream) return { stream: sound, note: `Without a picture of you: the camera ${whyNot(both)}.` };
    const silent = await attempt({ video: picture });
    if (silent instanceof MediaStream) return { stream: silent, note: `Without sound of you: the microphone ${whyNot(sound)}.` };
    return { stream: new MediaStream(), note: `You see and hear, but send nothing: camera and microphone ${whyNot(both, true)}.` };
  }
  const sound = await attempt({ audio: true });
  if (sound instanceof MediaStream) return { stream: sound, note: null };
  return { stream: new MediaStream(), note: `You hear, but send nothing: the microphone ${whyNot(sound)}.` };
}

/** A camera alone, for a call that has none yet. Rejects with why not, in words. */
export async function acquireCamera(): Promise<MediaStreamTrack> {
  const taken = await attempt({ video: picture });
  const track = taken instanceof MediaStream ? taken.getVideoTracks()[0] : undefined;
  if (track === undefined) throw new Error(`The camera ${whyNot(taken)}.`);
  return track;
}

async function attempt(constraints: MediaStreamConstraints): Promise<unknown> {
  try {
    return await navigator.mediaDevices.getUserMedia(constraints);
  } catch (error) {
    return error;
  }
}

function whyNot(error: unknown, several = false): string {
  const [is, has] = several ? ['are', 'were'] : ['is', 'was'];
  const { name } = error as { name?: string };
  if (name === 'NotAllowedError' || name === 'SecurityError') return `${is} blocked; the browser's address bar lets you allow it`;
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return `${has} not found`;
  if (name === 'NotReadableError' || name === 'AbortError') return `${is} in use by another program`;
  return `${is} not available`;
}
