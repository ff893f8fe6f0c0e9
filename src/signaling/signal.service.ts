import type { Viewer } from '../auth/viewer.js';
import { laneOf, type CallOrder } from '../calls/call-order.js';
import type { CallService } from '../calls/call.service.js';
import type { LiveCalls } from '../calls/live-calls.js';
import { AppError, badInput, callNotFound } from '../errors.js';
import { GroupCommit, type CommitObserver, type Inbox } from '../inbox/inbox.js';
import { limitExceeded, type Limits } from '../limits.js';
import type { PresenceService } from '../presence/presence.service.js';
import { isUuid, requireKey, requireStorable } from '../text.js';
import { signalId } from './signal-id.js';
import type { OutgoingSignal, SignalKind, SignalRepository, SignalResult } from './signal.repository.js';

export interface SignalRequest {
  readonly callId: string;
  readonly kind: SignalKind;
  readonly payload: string;
  readonly key?: string | null;
}

export interface Receipt {
  readonly id: string;
  readonly delivery: 'LIVE' | 'STORED';
  readonly duplicate: boolean;
}

/** What is counted of signals, beside the commits they share. */
export interface SignalObserver extends CommitObserver {
  /** A signal is stored and told; its sender has the receipt in this turn. Counted from the check of its form. */
  signalled(tookMs: number): void;
}

/** The hot path: checks the form, joins the next group commit, answers the sender, hands the event over. */
export class SignalService {
  readonly #calls: Pick<CallService, 'answer'>;
  readonly #inbox: Pick<Inbox, 'handOver' | 'isOpen'>;
  readonly #elsewhere: Pick<PresenceService, 'isElsewhere'>;
  readonly #order: CallOrder;
  readonly #live: LiveCalls;
  readonly #limits: Limits;
  readonly #observer: SignalObserver;
  readonly #commit: GroupCommit<OutgoingSignal, SignalResult>;

  constructor(parts: {
    signals: SignalRepository;
    calls: Pick<CallService, 'answer'>;
    inbox: Pick<Inbox, 'handOver' | 'isOpen'>;
    elsewhere: Pick<PresenceService, 'isElsewhere'>;
    order: CallOrder;
    live: LiveCalls;
    limits: Limits;
    observer: SignalObserver;
  }) {
    this.#calls = parts.calls;
    this.#inbox = parts.inbox;
    this.#elsewhere = parts.elsewhere;
    this.#order = parts.order;
    this.#live = parts.live;
    this.#limits = parts.limits;
    this.#observer = parts.observer;
    this.#commit = new GroupCommit({
      commit: (signals, again) => this.#append(parts.signals, signals, again),
      bytesOf: ({ bytes }) => bytes + 256,
      identityOf: ({ id }) => id,
      observer: parts.observer,
    });
  }

  /** Signals that wait for their commit. */
  get queued(): number {
    return this.#commit.queued;
  }

  /** Joins the next commit before it returns, unless a change of this device in this call is under way. */
  send(viewer: Viewer, request: SignalRequest): Promise<Receipt> {
    const signal = this.#check(viewer, request);
    if (this.#mayAccept(viewer, signal)) return this.#order.change(signal.lane, () => this.#answer(viewer, signal));
    return this.#order.signal(signal.lane, () => this.#send(viewer, signal));
  }

  /** An ANSWER of the callee, unless the call is known to be past its answer: then it is one of a renegotiation. */
  #mayAccept(viewer: Viewer, { kind, callId }: OutgoingSignal): boolean {
    if (kind !== 'ANSWER') return false;
    const hint = this.#live.get(callId);
    return hint === undefined || (hint.calleeId === viewer.userId && hint.status !== 'ACTIVE');
  }

  async #answer(viewer: Viewer, signal: OutgoingSignal): Promise<Receipt> {
    // The caller may answer a renegotiation in a call that this node knows nothing of.
    if (this.#live.get(signal.callId) === undefined) {
      const result = await this.#commit.submit(signal);
      if (result.outcome !== 'unanswered') return this.#receipt(signal, result);
    }
    const { call, duplicate } = await this.#calls.answer(viewer, signal.callId, signal);
    this.#observer.signalled(performance.now() - signal.checkedAtMs);
    return { id: signal.id, delivery: this.#delivery(call.callerId, call.callerDeviceId), duplicate };
  }

  async #send(viewer: Viewer, signal: OutgoingSignal): Promise<Receipt> {
    const result = await this.#commit.submit(signal);
    // The hint was old: the call is not answered after all.
    if (result.outcome === 'unanswered' && signal.kind === 'ANSWER') return this.#answer(viewer, signal);
    return this.#receipt(signal, result);
  }

  /** Tells the recipient before the sender has its receipt. */
  async #append(repository: SignalRepository, signals: readonly OutgoingSignal[], again: boolean): Promise<readonly SignalResult[]> {
    const results = await repository.append(signals, again);
    const events = [];
    const nowMs = performance.now();
    for (const [position, result] of results.entries()) {
      const signal = signals[position];
      if (signal === undefined) continue;
      if (result.outcome === 'sent' || result.outcome === 'duplicate') this.#observer.signalled(nowMs - signal.checkedAtMs);
      if (result.seq === null) continue;
      const { id, callId, kind, userId, deviceId, payload } = signal;
      events.push({
        userId: result.recipientId,
        seq: result.seq,
        at: result.at,
        id,
        deviceId: result.recipientDeviceId,
        callId,
        kind,
        fromUserId: userId,
        fromDeviceId: deviceId,
        body: payload,
      });
    }
    this.#inbox.handOver(events);
    return results;
  }

  #receipt({ id, keyed }: OutgoingSignal, result: SignalResult): Receipt {
    const { outcome, recipientId, recipientDeviceId, status, endReason } = result;
    switch (outcome) {
      case 'sent':
      case 'duplicate':
        // Without a key only a second try of the same batch finds the id: it was sent once, and by this request.
        return { id, delivery: this.#delivery(recipientId, recipientDeviceId), duplicate: keyed && outcome === 'duplicate' };
      case 'missing':
        throw callNotFound();
      case 'key-reused':
        throw badInput('key', 'This key was used for another signal.');
      case 'unanswered':
        throw new AppError('CALL_STATE_CONFLICT', 'A device that has not answered may send an ANSWER and nothing else.', {
          status,
          endReason,
          allowed: [],
        });
      case 'conflict':
        throw new AppError('CALL_STATE_CONFLICT', 'This device is not in the call, or the call is over.', {
          status,
          endReason,
          allowed: [],
        });
    }
  }

  /** As this node knows it: its own streams as of now, those of other nodes as of a few seconds ago. */
  #delivery(userId: string, deviceId: string | null): Receipt['delivery'] {
    return this.#inbox.isOpen(userId, deviceId) || this.#elsewhere.isElsewhere(userId, deviceId) ? 'LIVE' : 'STORED';
  }

  #check(viewer: Viewer, { callId, kind, payload, key = null }: SignalRequest): OutgoingSignal {
    if (!isUuid(callId)) throw callNotFound();
    const bytes = Buffer.byteLength(payload);
    const most = this.#limits.LIMIT_SIGNAL_BYTES;
    if (bytes > most) throw limitExceeded('LIMIT_SIGNAL_BYTES', `payload has to have at most ${most} bytes.`, 'payload');
    requireStorable('payload', payload);
    if (key !== null) requireKey(key);
    const id = callId.toLowerCase();
    return {
      id: signalId(viewer.deviceId, id, key),
      keyed: key !== null,
      callId: id,
      userId: viewer.userId,
      deviceId: viewer.deviceId,
      lane: laneOf(viewer.deviceId, id),
      kind,
      payload,
      bytes,
      checkedAtMs: performance.now(),
    };
  }
}
