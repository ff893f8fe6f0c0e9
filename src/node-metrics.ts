import type { BusObserver, HintBus } from './bus/hint-bus.js';
import type { CallObserver } from './calls/call.service.js';
import { endReasons } from './calls/call-status.js';
import type { Database } from './db/database.js';
import { errorCodes, type ErrorCode } from './errors.js';
import type { JanitorObserver } from './inbox/janitor.js';
import type { InboxObserver, PostgresInbox } from './inbox/postgres-inbox.js';
import type { Metrics } from './metrics.js';
import type { LeaseObserver, PresenceService } from './presence/presence.service.js';
import type { OperationObserver } from './server/operation-observer.js';
import type { SignalObserver, SignalService } from './signaling/signal.service.js';

/** Each part tells an observer of its own type what happens; this is all of them. */
export interface NodeObserver
  extends BusObserver, CallObserver, InboxObserver, JanitorObserver, LeaseObserver, OperationObserver, SignalObserver {
  /** By the code of the close frame; 1006 where there was none. */
  socketClosed(code: number): void;
}

/** What is asked for when somebody looks. */
export interface WatchedNode {
  readonly sockets: { readonly size: number; readonly subscriptions: number };
  readonly presence: Pick<PresenceService, 'devices'>;
  readonly inbox: Pick<PostgresInbox, 'behind' | 'clockAheadMs'>;
  readonly bus: Pick<HintBus, 'isListening'>;
  readonly signals: Pick<SignalService, 'queued'>;
  readonly database: Pick<Database, 'pool'>;
  /** Null where it is ready. */
  readonly notReadyBecause: () => Promise<string | null>;
}

const latencyBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const rowBounds = [1, 2, 5, 10, 25, 50, 100, 250, 500];

/** A client may close with any number: those that mean something here, and `other`. */
const closeCodes = [1000, 1001, 1002, 1005, 1006, 1007, 1009, 1011, 1012, 1013, 4400, 4401, 4403, 4406, 4408, 4409, 4429];

/**
 * What a node counts, in one place: the parts say what happens, and only this file knows what that is called in
 * /metrics. docs/metrics.md says what each figure means to who runs it.
 */
export function observeNode(metrics: Metrics): NodeObserver {
  return { ...observeTraffic(metrics), ...observeCalls(metrics), ...observeSignals(metrics), ...observeNodes(metrics) };
}

function observeTraffic(metrics: Metrics): OperationObserver & Pick<NodeObserver, 'socketClosed'> {
  const outcomes = ['OK', ...(Object.keys(errorCodes) as ErrorCode[])] as const;
  const operation = metrics.counters(
    'operations_total',
    'Operations by transport, and by OK or the code of their first error',
    ['transport', ['http', 'websocket']],
    outcomes,
  );
  const closed = metrics.counter('sockets_closed_total', 'Sockets that closed, by code', [...closeCodes.map(String), 'other'], 'code');
  return { operation, socketClosed: (code) => closed(closeCodes.includes(code) ? String(code) : 'other') };
}

function observeCalls(metrics: Metrics): CallObserver {
  const step = metrics.counter('calls_total', 'Calls that were placed, rang, and were answered', ['placed', 'rang', 'answered'], 'step');
  const ended = metrics.counter('calls_ended_total', 'Calls that ended, by reason', endReasons, 'reason');
  return {
    callPlaced: () => step('placed'),
    callChanged: (kind, endReason) => {
      if (kind === 'RINGING') step('rang');
      if (kind === 'ANSWERED') step('answered');
      if (kind === 'ENDED' && endReason !== null) ended(endReason);
    },
  };
}

function observeSignals(metrics: Metrics): SignalObserver & InboxObserver {
  const signal = metrics.histogram('signal_seconds', 'From the check of a signal to its receipt', latencyBounds);
  const commit = metrics.histogram('commit_seconds', 'Time of a commit of signals, with its tries', latencyBounds);
  const rows = metrics.histogram('commit_rows', 'Signals of a commit', rowBounds);
  const delivery = metrics.histogram('delivery_seconds', 'Age of an event when an open stream is given it', [...latencyBounds, 5, 10]);
  return {
    signalled: (tookMs) => signal.observe(tookMs / 1_000),
    committed: (count, tookMs) => {
      rows.observe(count);
      commit.observe(tookMs / 1_000);
    },
    commitFailed: metrics.counter('commit_failures_total', 'Tries of commits that failed', ['retried', 'given-up', 'refused']),
    delivered: (ageMs) => delivery.observe(ageMs / 1_000),
    streamStarted: metrics.counter('resumes_total', 'Starts of streams, by what they found of what was missed', [
      'recovered',
      'not-recovered',
      'no-cursor',
      'lost',
    ]),
  };
}

function observeNodes(metrics: Metrics): BusObserver & LeaseObserver & JanitorObserver {
  return {
    hint: metrics.counter('bus_hints_total', 'Hints between nodes', ['sent', 'unsent', 'dropped', 'heard']),
    leaseRenewal: metrics.counter('lease_renewals_total', 'Renewals of the lease of this node', ['renewed', 'anew', 'failed']),
    janitorRound: metrics.counter('janitor_rounds_total', 'Rounds that keep the retention of signals', ['done', 'failed']),
  };
}

/** The figures that are asked for when somebody looks. */
export function watchNode(metrics: Metrics, { sockets, presence, inbox, bus, signals, database, notReadyBecause }: WatchedNode): void {
  metrics.askedGauge('ready', '1 where this node can serve, else 0', async () => ((await notReadyBecause()) === null ? 1 : 0));
  metrics.gauge('sockets', 'Open WebSockets', () => sockets.size);
  metrics.gauge('subscriptions', 'Open subscriptions', () => sockets.subscriptions);
  metrics.gauge('devices', 'Devices that are connected to this node, or were a moment ago', () => presence.devices);
  metrics.gauge('streams_behind', 'Open streams with events that they have not taken yet', () => inbox.behind);
  metrics.gauge('clock_ahead_seconds', 'How far the clock of this node is ahead of that of Postgres', () => inbox.clockAheadMs / 1_000);
  metrics.gauge('bus_listening', '1 where hints of other nodes can be heard, else 0', () => Number(bus.isListening));
  metrics.gauge('signals_queued', 'Signals that wait for their commit', () => signals.queued);
  metrics.gauge('pool_connections', 'Connections to Postgres', () => database.pool.size);
  metrics.gauge('pool_idle', 'Connections to Postgres that nobody uses', () => database.pool.idle);
  metrics.gauge('pool_waiting', 'Queries that wait for a connection to Postgres', () => database.pool.waiting);
}
