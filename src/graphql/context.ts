import type { AuthService } from '../auth/auth.service.js';
import type { DeviceService } from '../auth/device.service.js';
import type { Viewer } from '../auth/viewer.js';
import type { BlockService } from '../blocks/block.service.js';
import type { CallHistoryService } from '../calls/call-history.service.js';
import type { CallService } from '../calls/call.service.js';
import type { PresenceService } from '../presence/presence.service.js';
import type { WatchingService } from '../presence/watching.service.js';
import type { IceService } from '../ice/ice.service.js';
import type { InboxService } from '../signaling/inbox.service.js';
import type { SignalService } from '../signaling/signal.service.js';
import type { UserService } from '../users/user.service.js';

/** What resolvers work with; services live as long as the process. */
export interface Services {
  readonly auth: AuthService;
  readonly devices: DeviceService;
  readonly users: UserService;
  readonly calls: CallService;
  readonly history: CallHistoryService;
  readonly signals: Pick<SignalService, 'send'>;
  readonly inbox: InboxService;
  readonly blocks: BlockService;
  readonly presence: PresenceService;
  readonly watching: WatchingService;
  readonly ice: IceService;
}

export interface RequestContext extends Services {
  readonly viewer: Viewer | null;
  /** Where it comes from, as rates count it. */
  readonly address: string;
}

/** The context of a field that is `@Authorized()`. */
export interface ViewerContext extends RequestContext {
  readonly viewer: Viewer;
}
