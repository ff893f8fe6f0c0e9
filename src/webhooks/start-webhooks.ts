import type { Database } from '../db/database.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import type { WebhookTarget } from '../config/webhook-target.js';
import { OutboxRepository } from './outbox.repository.js';
import { WebhookEndpoint } from './webhook-endpoint.js';
import { mostUnderWay, outcomes, WebhookSender } from './webhook-sender.js';

export interface Webhooks {
  /** A call has changed on this node, and that is committed. */
  changed(): void;
}

/** The sender of webhooks, or nobody where none are configured; stopped with `started`. */
export function startWebhooks(
  target: WebhookTarget | null,
  { database, metrics, logger }: { database: Database; metrics: Metrics; logger: Logger },
  started: AsyncDisposableStack,
): Webhooks {
  if (target === null) return { changed: () => undefined };
  const outbox = new OutboxRepository(database);
  metrics.askedGauge('webhooks_waiting', 'Webhooks that nobody has accepted yet, of all nodes', () => outbox.count());
  const count = metrics.counter('webhooks_total', 'Tries of webhooks by their outcome, and webhooks given up after a day', outcomes);
  const endpoint = new WebhookEndpoint({ ...target, mostConnections: mostUnderWay });
  const sender = started.adopt(new WebhookSender({ outbox, endpoint, secrets: target.secrets, count, logger }), (it) => it.stop());
  sender.start();
  return { changed: () => sender.wake() };
}
