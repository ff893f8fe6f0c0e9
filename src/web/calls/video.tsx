import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface VideoProps {
  /** What is played; of a `track` alone a stream is made. */
  readonly stream?: MediaStream;
  readonly track?: MediaStreamTrack;
  readonly label: string;
  /** Sound is played while the picture is hidden, too. */
  readonly isShown: boolean;
  readonly isMuted?: boolean;
  readonly className: string;
}

export function Video({ stream, track, label, isShown, isMuted = false, className }: VideoProps): JSX.Element {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (element.current !== null) element.current.srcObject = stream ?? (track === undefined ? null : new MediaStream([track]));
  }, [stream, track]);
  return (
    <video ref={element} class={`${className} ${isShown ? '' : 'is-hidden'}`} aria-label={label} autoPlay playsInline muted={isMuted} />
  );
}
