import { randomUUID } from 'node:crypto';
import type { Viewer } from '../auth/viewer.js';
import { BatchLoader } from '../db/batch-loader.js';
import { AppError, badInput, callNotFound } from '../errors.js';
import type { Inbox } from '../inbox/inbox.js';
import { limitExceeded, type Limits } from '../limits.js';
import type { Logger } from '../logger.js';
import { isUuid, requireKey, requireStorable } from '../text.js';
import type { Webhooks } from '../webhooks/start-webhooks.js';
import { isParty, type CallRow } from './call.entity.js';
import { laneOf, type CallOrder } from './call-order.js';
import type { CallRate } from './call-rate.js';
import type { CallRepository, Decision } from './call.repository.js';
import { clientEndReasons, type CallMedia, type EndReason } from './call-status.js';
import type { LiveCalls } from './live-calls.js';

export interface CreateCallRequest {
  readonly calleeId: string;
  readonly media: CallMedia;
  readonly metadata: string | null;
  readonly ringSeconds: number;
  readonly key: string | null;
}

/** What is counted of calls: each on the node that made the change. */
export interface CallObserver {
  /** A call was created; the callee may have been busy. */
  callPlaced(): void;
  /** Kinds of events as they are written; `endReason` where it has ended. */
  callChanged(kind: string, endReason: EndReason | null): void;
}

type Device = Pick<Viewer, 'userId' | 'deviceId'>;

const mostDetailBytes = 1_024;
const expiredCallsAtOnce = 4;

/** The life of a call: checks the form, lets Postgres decide, hands the events over. */
export class CallService {
  readonly #calls: CallRepository;
  readonly #inbox: Pick<Inbox, 'handOver'>;
  readonly #order: CallOrder;
  readonly #live: LiveCalls;
  readonly #webhooks: Webhooks;
  readonly #limits: Limits;
  readonly #rate: CallRate;
  readonly #logger: Logger;
  readonly #observer: CallObserver;
  readonly #byId: BatchLoader<CallRow>;

  constructor(parts: {
    calls: CallRepository;
    inbox: Pick<Inbox, 'handOver'>;
    order: CallOrder;
    live: LiveCalls;
    webhooks: Webhooks;
    limits: Limits;
    rate: CallRate;
    logger: Logger;
    observer: CallObserver;
  }) {
    this.#calls = parts.calls;
    this.#inbox = parts.inbox;
    this.#order = parts.order;
    this.#live = parts.live;
    this.#webhooks = parts.webhooks;
    this.#limits = parts.limits;
    this.#rate = parts.rate;
    this.#logger = parts.logger;
    this.#observer = parts.observer;
    this.#byId = new BatchLoader(async (ids) => new Map((await parts.calls.byIds(ids)).map((call) => [call.id, call])));
  }

  async create(viewer: Viewer, request: CreateCallRequest): Promise<CallRow> {
    this.#checkRequest(viewer, request);
    const { media, metadata, ringSeconds, key } = request;
    // However the id is written, the key stands for the same request.
    const calleeId = request.calleeId.toLowerCase();
    const call = {
      id: randomUUID(),
      callerId: viewer.userId,
      callerDeviceId: viewer.deviceId,
      calleeId,
      media,
      metadata,
      ringSeconds,
      key,
      request: JSON.stringify([calleeId, media, metadata, ringSeconds]),
    };
    const isCounted = await this.#rate.admit(call);
    // Each round frees one of the two from a call that rang out; two are enough but for new ones that ring out meanwhile.
    for (let round = 0; round < expiredCallsAtOnce; round += 1) {
      const decision = this.#settle(await this.#calls.create(call));
      switch (decision.outcome) {
        case 'missing':
          throw new AppError('NOT_FOUND', 'There is no such user.', { field: 'calleeId' });
        case 'key-reused':
          throw badInput('key', 'This key was used for another call.');
        case 'blocked':
          throw badInput('calleeId', 'You have blocked this user.');
        case 'in-call':
          throw new AppError('ALREADY_IN_CALL', 'You are in a call already.', { callId: found(decision).id });
        case 'expired':
          await this.expire(found(decision).id);
          break;
        case 'known':
          if (isCounted) await this.#rate.giveBack(call);
          return found(decision);
        default:
          if (decision.outcome === 'created' || decision.outcome === 'busy') this.#observer.callPlaced();
          return found(decision);
      }
    }
    throw new AppError('TOO_BUSY', 'The call could not be placed now.', { retryAfterMs: 500 });
  }

  accept(viewer: Viewer, callId: string): Promise<CallRow> {
    return this.#order.change(laneOf(viewer.deviceId, callId.toLowerCase()), async () => (await this.answer(viewer, callId, null)).call);
  }

  /** Accepts, with or without the ANSWER that does it. `duplicate`: its key was seen before. The caller keeps the order of the device. */
  async answer(
    viewer: Device,
    callId: string,
    answer: { id: string; payload: string } | null,
  ): Promise<{ call: CallRow; duplicate: boolean }> {
    if (!isUuid(callId)) throw callNotFound();
    const decision = this.#settle(await this.#calls.accept(callId, viewer.userId, viewer.deviceId, answer));
    switch (decision.outcome) {
      case 'missing':
        throw callNotFound();
      case 'key-reused':
        throw badInput('key', 'This key was used for another signal.');
      case 'conflict':
        throw stateConflict(found(decision), 'The call is not ringing for this device.', []);
      default:
        return { call: found(decision), duplicate: decision.outcome === 'duplicate' };
    }
  }

  async end(viewer: Device, callId: string, reason: EndReason | null, detail: string | null): Promise<CallRow> {
    if (reason !== null && !(clientEndReasons as readonly EndReason[]).includes(reason)) {
      throw badInput('reason', `${reason} is for the server to say.`);
    }
    if (detail !== null) {
      requireStorable('detail', detail);
      if (Buffer.byteLength(detail) > mostDetailBytes) throw badInput('detail', `detail has to have at most ${mostDetailBytes} bytes.`);
    }
    if (!isUuid(callId)) throw callNotFound();
    return this.#order.change(laneOf(viewer.deviceId, callId.toLowerCase()), async () => {
      const decision = await this.#calls.end(callId, viewer.userId, viewer.deviceId, reason, detail);
      this.#settle(decision);
      if (decision.outcome === 'missing') throw callNotFound();
      if (decision.outcome === 'conflict') throw stateConflict(found(decision), 'This reason does not fit the call.', decision.allowed);
      return found(decision);
    });
  }

  /** Null for what does not exist and for what the viewer is no party to, alike. */
  async byId(viewer: Device, callId: string): Promise<CallRow | null> {
    const call = isUuid(callId) ? await this.#byId.load(callId.toLowerCase()) : null;
    return call !== null && isParty(call, viewer.userId) ? call : null;
  }

  async active(viewer: Device): Promise<CallRow[]> {
    const call = await this.#calls.liveOf(viewer.userId);
    return call === null ? [] : [call];
  }

  /** A device of the callee has received the call. */
  async ring(viewer: Device, callId: string): Promise<void> {
    const hint = this.#live.get(callId);
    if (hint === undefined || hint.status === 'CREATED') this.#settle(await this.#calls.ring(callId, viewer.userId, viewer.deviceId));
  }

  async expire(callId: string): Promise<void> {
    this.#settle(await this.#calls.expire(callId));
  }

  /** Ends what has rung out. Returns how many were due. */
  async sweep(most: number): Promise<number> {
    const due = await this.#calls.rungOut(most);
    for (const callId of due) await this.expire(callId);
    return due.length;
  }

  /** Ends active calls one of whose devices has been away too long, for a node that was there to see it. Returns how many were found. */
  async sweepLost(nodeId: string, awaySeconds: number, most: number): Promise<number> {
    const lost = await this.#calls.signalingLost(awaySeconds, most);
    for (const callId of lost) this.#settle(await this.#calls.lose(callId, nodeId, awaySeconds));
    return lost.length;
  }

  /** The device signs out: the call it is in ends as `endCall` would end it. */
  async deviceLeft(device: Device): Promise<void> {
    const call = await this.#callOf(device);
    if (call !== null) await this.end(device, call.id, null, null);
  }

  /** The device was signed out by another hand: the call it is in ends as TERMINATED. */
  async deviceRevoked(device: Device): Promise<void> {
    const call = await this.#callOf(device);
    if (call !== null) this.#settle(await this.#calls.terminate(call.id, 'device revoked'));
  }

  /** Calls that ended with the account of one of their parties, and what that one left: told now that it is committed. */
  accountDeleted(ended: readonly Decision[]): void {
    for (const decision of ended) this.#settle(decision);
  }

  async #callOf({ userId, deviceId }: Device): Promise<CallRow | null> {
    const call = await this.#calls.liveOf(userId);
    return call !== null && [call.callerDeviceId, call.calleeDeviceId].includes(deviceId) ? call : null;
  }

  #settle<Outcome extends string, Made extends Decision<Outcome>>(decision: Made): Made {
    if (decision.call !== null) this.#live.note(decision.call);
    this.#inbox.handOver(decision.events);
    if (decision.events.length > 0) {
      for (const kind of new Set(decision.events.map((event) => event.kind)))
        this.#observer.callChanged(kind, decision.call?.endReason ?? null);
      this.#webhooks.changed();
      this.#logger.debug({ callId: decision.call?.id, status: decision.call?.status }, 'a call changed');
    }
    return decision;
  }

  #checkRequest(viewer: Viewer, { calleeId, metadata, ringSeconds, key }: CreateCallRequest): void {
    if (!isUuid(calleeId)) throw new AppError('NOT_FOUND', 'There is no such user.', { field: 'calleeId' });
    if (calleeId.toLowerCase() === viewer.userId) throw badInput('calleeId', 'You cannot call yourself.');
    if (ringSeconds < 5 || ringSeconds > 180) throw badInput('ringSeconds', 'ringSeconds has to be from 5 to 180.');
    if (key !== null) requireKey(key);
    if (metadata === null) return;
    requireStorable('metadata', metadata);
    const most = this.#limits.LIMIT_METADATA_BYTES;
    if (Buffer.byteLength(metadata) > most)
      throw limitExceeded('LIMIT_METADATA_BYTES', `metadata has to have at most ${most} bytes.`, 'metadata');
  }
}

function found(decision: Decision): CallRow {
  if (decision.call === null) throw new Error(`A decision of ${decision.outcome} came without its call.`);
  return decision.call;
}

function stateConflict(call: CallRow, message: string, allowed: readonly EndReason[]): AppError {
  return new AppError('CALL_STATE_CONFLICT', message, { status: call.status, endReason: call.endReason, allowed });
}
