import { Arg, Authorized, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { ViewerContext } from '../graphql/context.js';
import type { ViewedDevice } from './device.service.js';
import { Device } from './device.types.js';

@Resolver(() => Device)
export class DeviceResolver {
  @Authorized()
  @Query(() => [Device], { description: "The viewer's signed-in devices." })
  devices(@Ctx() { viewer, devices }: ViewerContext): Promise<ViewedDevice[]> {
    return devices.list(viewer);
  }

  @Authorized()
  @Mutation(() => Boolean, { description: "Signs another of the viewer's devices out." })
  revokeDevice(
    @Arg('id', () => ID, { description: 'Another device than the one that asks.' }) id: string,
    @Ctx() { viewer, devices }: ViewerContext,
  ): Promise<boolean> {
    return devices.revoke(viewer, id);
  }
}
