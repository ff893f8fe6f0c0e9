import type { Store } from '../store.js';
import type { Ringing } from './call-desk.js';

const everyMs = 2_400;
/** Two soft notes, in Hz. */
const notes = [659, 784] as const;

/** Rings by WebAudio while a call rings that is not ignored, for whoever has turned it on. */
export class RingTone {
  readonly #ringing: Store<Ringing | null>;
  readonly #choice: Store<'on' | 'off'>;
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(ringing: Store<Ringing | null>, choice: Store<'on' | 'off'>) {
    this.#ringing = ringing;
    this.#choice = choice;
    ringing.subscribe(() => this.#look());
    choice.subscribe(() => this.#look());
  }

  /** Once, to hear what was turned on; a browser lets a page sound only after a click. */
  sample(): void {
    this.#sound();
  }

  #look(): void {
    clearInterval(this.#timer);
    const { value } = this.#ringing;
    if (value === null || value.isIgnored || this.#choice.value === 'off') return;
    this.#sound();
    this.#timer = setInterval(() => this.#sound(), everyMs);
  }

  #sound(): void {
    const context = (this.#context ??= new AudioContext());
    void context.resume();
    for (const [n, frequency] of [...notes, ...notes].entries()) {
      const at = context.currentTime + n * 0.22;
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.14, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
      const tone = new OscillatorNode(context, { type: 'sine', frequency });
      tone.connect(gain).connect(context.destination);
      tone.start(at);
      tone.stop(at + 0.42);
    }
  }
}
