import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useDesk } from '../desk.js';
import { sendFault, type Fault } from './send-fault.js';

interface Offer {
  readonly label: string;
  readonly hint: string;
  readonly fault: Fault;
}

const offers: readonly Offer[] = [
  { label: 'Drop the socket', hint: 'As a network does that is lost; the SDK comes back and resumes.', fault: { kind: 'drop-socket' } },
  {
    label: 'Delay 5 signals',
    hint: 'The next five that this device sends arrive 2 s late.',
    fault: { kind: 'delay-signals', count: 5, ms: 2_000 },
  },
  {
    label: 'Double 5 signals',
    hint: 'The next five are sent twice; the key makes one of them.',
    fault: { kind: 'double-signals', count: 5 },
  },
  { label: 'Expire the token', hint: 'The session is renewed, and nothing else should happen.', fault: { kind: 'expire-token' } },
  { label: 'End the ring', hint: 'The call that rings now rings out.', fault: { kind: 'end-ring' } },
];

/** Breaks this device's own connection, to see what a client makes of it. */
export function FaultsPanel(): JSX.Element {
  const { phone } = useDesk();
  const [said, say] = useState<{ readonly text: string; readonly isFault: boolean } | null>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async (fault: Fault): Promise<void> => {
    setBusy(true);
    say(await sendFault(await phone.accessToken().catch(() => ''), fault));
    setBusy(false);
  };
  return (
    <section class="faults" aria-label="Fault simulation">
      <h3>Make a fault happen</h3>
      <div class="faults-buttons">
        {offers.map(({ label, hint, fault }) => (
          <button key={fault.kind} type="button" class="button small" title={hint} disabled={isBusy} onClick={() => void run(fault)}>
            {label}
          </button>
        ))}
      </div>
      <p class={`faults-said ${said?.isFault === true ? 'bad' : ''}`} role="status">
        {said?.text ?? 'Each acts on this device alone, in development only.'}
      </p>
    </section>
  );
}
