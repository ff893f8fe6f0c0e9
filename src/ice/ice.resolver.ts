import { Authorized, Ctx, Query, Resolver } from 'type-graphql';
import type { ViewerContext } from '../graphql/context.js';
import type { IceServerList } from './ice.service.js';
import { IceServers } from './ice.types.js';

@Resolver(() => IceServers)
export class IceResolver {
  @Authorized()
  @Query(() => IceServers, { description: 'STUN and TURN servers with credentials that expire, made for the viewer.' })
  iceServers(@Ctx() { viewer, ice }: ViewerContext): Promise<IceServerList> {
    return ice.serversFor(viewer);
  }
}
