import type { Bus } from '../bus/bus.js';
import type { Database } from '../db/database.js';
import type { Logger } from '../logger.js';
import { PresenceRepository } from './presence.repository.js';
import { PresenceService, type LeaseObserver } from './presence.service.js';
import { PresenceWatch } from './presence-watch.js';

/** Who is here, and who watches whom, on the node of that id; stopped with `started`. */
export async function startPresence(
  { nodeId, database, bus, logger, observer }: { nodeId: string; database: Database; bus: Bus; logger: Logger; observer: LeaseObserver },
  started: AsyncDisposableStack,
): Promise<{ presence: PresenceService; watch: PresenceWatch }> {
  const repository = new PresenceRepository({ database, nodeId });
  const presence = started.adopt(new PresenceService({ presence: repository, bus, logger, observer }), (it) => it.stop());
  await presence.start();
  const watch = started.adopt(new PresenceWatch({ presence: repository, local: presence, bus, logger }), (it) => it.stop());
  watch.start();
  return { presence, watch };
}
