import type { operations } from '../client/index.js';

type DataOf<Operation> = Operation extends { __apiType?: (variables: never) => infer Data } ? Data : never;

/** Somebody in the directory. */
export type UserInfo = DataOf<typeof operations.searchUsersOperation>['users'][number];
/** A signed-in device of the viewer. */
export type DeviceInfo = DataOf<typeof operations.devicesOperation>['devices'][number];
/** What happened in a call, and when. */
export type TimelineEntry = NonNullable<DataOf<typeof operations.timelineOperation>['call']>['timeline'][number];
