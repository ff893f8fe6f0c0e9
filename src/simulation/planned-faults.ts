import type { Viewer } from '../auth/viewer.js';
import type { Receipt, SignalRequest, SignalService } from '../signaling/signal.service.js';

type Signals = Pick<SignalService, 'send'>;

interface Plan {
  delays: number;
  delayMs: number;
  doubles: number;
  /** The delayed signal before, which the next one waits for. */
  last: Promise<unknown>;
}

/** Faults that are still to happen, by device: what is sent next, and which tokens are refused. Of this node, in memory. */
export class PlannedFaults {
  readonly #plans = new Map<string, Plan>();
  readonly #refused = new Set<string>();

  delaySignals(deviceId: string, count: number, delayMs: number): void {
    Object.assign(this.#plan(deviceId), { delays: count, delayMs });
  }

  doubleSignals(deviceId: string, count: number): void {
    this.#plan(deviceId).doubles = count;
  }

  refuse(token: string): void {
    this.#refused.add(token);
  }

  refuses(token: string): boolean {
    return this.#refused.has(token);
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
    const before = plan.last;
    const turn = before.then(() => new Promise((resolve) => setTimeout(resolve, delayMs)));
    plan.last = turn;
    await turn;
    const receipt = await signals.send(viewer, request);
    if (isDoubled) await signals.send(viewer, { ...request, key: null });
    if (plan.last === turn && plan.delays + plan.doubles === 0) this.#plans.delete(viewer.deviceId);
    return receipt;
  }

  #plan(deviceId: string): Plan {
    const plan = this.#plans.get(deviceId) ?? { delays: 0, delayMs: 0, doubles: 0, last: Promise.resolve() };
    this.#plans.set(deviceId, plan);
    return plan;
  }
}
