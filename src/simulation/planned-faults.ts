import { setTimeout as pause } from 'node:timers/promises';
import { ExpiringMap } from '../auth/expiring-map.js';
import type { Viewer } from '../auth/viewer.js';
import { AppError } from '../errors.js';
import type { Receipt, SignalRequest, SignalService } from '../signaling/signal.service.js';

type Signals = Pick<SignalService, 'send'>;

interface Plan {
  delays: number;
  delayMs: number;
  doubles: number;
  /** The delayed signal before, which the next one waits for. */
  last: Promise<unknown>;
}

const mostRefused = 1_000;

/** Faults that are still to happen, by device: what is sent next, and which tokens are refused. Of this node, in memory. */
export class PlannedFaults {
  readonly #plans = new Map<string, Plan>();
  /** Until they would have run out by themselves. */
  readonly #refused = new ExpiringMap<string, true>(mostRefused);
  readonly #stopping = new AbortController();

  delaySignals(deviceId: string, count: number, delayMs: number): void {
    Object.assign(this.#plan(deviceId), { delays: count, delayMs });
  }

  doubleSignals(deviceId: string, count: number): void {
    this.#plan(deviceId).doubles = count;
  }

  refuse(token: string, { tokenExpiresAt }: Viewer): void {
    this.#refused.set(token, true, tokenExpiresAt.getTime());
  }

  refuses(token: string): boolean {
    return this.#refused.get(token, Date.now()) === true;
  }

  /** What is delayed fails, and may be sent again to whoever serves next. */
  stop(): void {
    this.#stopping.abort();
  }

  /** The same service, with the planned faults in front of it. */
  around(signals: Signals): Signals {
    return {
      send: (viewer, request) => {
        const plan = this.#plans.get(viewer.deviceId);
        return plan === undefined ? signals.send(viewer, request) : this.#send(plan, signals, viewer, request);
      },
    };
  }

  async #send(plan: Plan, signals: Signals, viewer: Viewer, request: SignalRequest): Promise<Receipt> {
    const delayMs = plan.delays > 0 ? plan.delayMs : 0;
    plan.delays -= Math.min(plan.delays, 1);
    const isDoubled = plan.doubles > 0;
    plan.doubles -= Math.min(plan.doubles, 1);
    const turn = plan.last.then(() => pause(delayMs, undefined, { signal: this.#stopping.signal }));
    plan.last = turn;
    try {
      await turn.catch((cause: unknown) => {
        throw new AppError('UNAVAILABLE', 'The server stops while it holds this signal.', {}, { cause });
      });
      const receipt = await signals.send(viewer, request);
      if (isDoubled) await signals.send(viewer, { ...request, key: null });
      return receipt;
    } finally {
      if (plan.last === turn && plan.delays + plan.doubles === 0) this.#plans.delete(viewer.deviceId);
    }
  }

  #plan(deviceId: string): Plan {
    const plan = this.#plans.get(deviceId) ?? { delays: 0, delayMs: 0, doubles: 0, last: Promise.resolve() };
    this.#plans.set(deviceId, plan);
    return plan;
  }
}
