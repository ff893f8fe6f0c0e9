import type { Viewer } from '../auth/viewer.js';
import { readFaultCommand, type FaultCommand } from './fault-command.js';
import type { PlannedFaults } from './planned-faults.js';
import type { RingRepository } from './ring.repository.js';

/** The sockets of this node, as far as a simulation breaks them. */
export interface BreakableSockets {
  /** Cuts the connections, without a close frame. How many there were. */
  cutDevice(deviceId: string): number;
  /** Closes them with 4403. */
  closeDevices(deviceIds: readonly string[]): void;
}

export interface SimulationAnswer {
  readonly status: 200 | 400 | 401;
  readonly body: { readonly done: string } | { readonly error: string };
}

/** Lets happen to a device what its client has to live with, at its own request. For development only. */
export class FaultSimulation {
  readonly #authenticate: (token: string) => Promise<Viewer | null>;
  readonly #planned: PlannedFaults;
  readonly #rings: RingRepository;
  readonly #sockets: BreakableSockets;

  constructor(parts: {
    authenticate: (token: string) => Promise<Viewer | null>;
    planned: PlannedFaults;
    rings: RingRepository;
    sockets: BreakableSockets;
  }) {
    this.#authenticate = parts.authenticate;
    this.#planned = parts.planned;
    this.#rings = parts.rings;
    this.#sockets = parts.sockets;
  }

  async answer(token: string | null, body: unknown): Promise<SimulationAnswer> {
    const viewer = token === null ? null : await this.#authenticate(token);
    if (token === null || viewer === null) {
      return { status: 401, body: { error: 'Send an access token of the device that is still good: Authorization: Bearer …' } };
    }
    const command = readFaultCommand(body);
    if ('problem' in command) return { status: 400, body: { error: command.problem } };
    return { status: 200, body: { done: await this.#run(viewer, token, command) } };
  }

  async #run(viewer: Viewer, token: string, command: FaultCommand): Promise<string> {
    const { userId, deviceId } = viewer;
    switch (command.kind) {
      case 'drop-socket':
        return `Sockets of this device that were cut: ${this.#sockets.cutDevice(deviceId)}.`;
      case 'delay-signals':
        this.#planned.delaySignals(deviceId, command.count, command.ms);
        return `Each of the next ${command.count} signals of this device is held for ${command.ms} ms.`;
      case 'double-signals':
        this.#planned.doubleSignals(deviceId, command.count);
        return `Each of the next ${command.count} signals of this device is sent twice.`;
      case 'expire-token':
        this.#planned.refuse(token, viewer);
        this.#sockets.closeDevices([deviceId]);
        return 'This access token is refused from now on, and the sockets of this device close with 4403.';
      case 'end-ring':
        return (await this.#rings.letRingOut(userId)) ? 'The call that rings ends as NO_ANSWER now.' : 'No call rings for this user.';
    }
  }
}
