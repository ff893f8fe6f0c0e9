import { useCallback, useState, type FormEvent } from 'react';
import type { Call, Switchboard } from '../../src/client/index.js';
import { useSwitchboard } from './use-switchboard.js';

/** Whom to call, who calls, and the two pictures of a call. */
export function PhoneView({ phone }: { readonly phone: Switchboard }) {
  const { connection, incoming, current, call, accept, decline, hangUp } = useSwitchboard(phone);
  const [mine, setMine] = useState<MediaStream | null>(null);
  const [fault, setFault] = useState('');
  const attempt = (action: Promise<unknown>) => void action.then(() => setFault('')).catch((error: Error) => setFault(error.message));
  /** The camera is on from when it is needed until the call is over, whoever ends it. */
  const withCamera = async (begin: (stream: MediaStream) => Promise<Call>) => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const turnOff = () => {
      for (const track of stream.getTracks()) track.stop();
      setMine(null);
    };
    setMine(stream);
    try {
      const begun = await begin(stream);
      begun.on('ended', turnOff);
      // A busy callee: it was over before there was anything to listen to.
      if (begun.status === 'ENDED') turnOff();
    } catch (error) {
      turnOff();
      throw error;
    }
  };
  const dial = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const callee = new FormData(event.currentTarget).get('callee') as string;
    attempt(withCamera((stream) => call(callee, { stream })));
  };
  return (
    <main>
      <p role="status">
        {phone.user?.username}, {connection} {fault}
      </p>
      {current === null && incoming === null && (
        <form onSubmit={dial}>
          <input name="callee" aria-label="Username" required />
          <button>Call</button>
        </form>
      )}
      {incoming !== null && (
        <p>
          {incoming.other.username} calls <button onClick={() => attempt(withCamera((stream) => accept(incoming, stream)))}>Accept</button>
          <button onClick={() => attempt(decline(incoming))}>Decline</button>
        </p>
      )}
      {current !== null && (
        <p>
          {current.other.username}: {current.status} <button onClick={() => attempt(hangUp(current))}>Hang up</button>
        </p>
      )}
      <Picture name="mine" stream={mine} muted />
      <Picture name="theirs" stream={current?.remoteStream ?? null} />
    </main>
  );
}

function Picture({
  name,
  stream,
  muted = false,
}: {
  readonly name: string;
  readonly stream: MediaStream | null;
  readonly muted?: boolean;
}) {
  // React has no attribute for a stream.
  const show = useCallback(
    (video: HTMLVideoElement | null) => {
      if (video !== null) video.srcObject = stream;
    },
    [stream],
  );
  return <video id={name} ref={show} autoPlay playsInline muted={muted} />;
}
