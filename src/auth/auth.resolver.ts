import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { RequestContext, ViewerContext } from '../graphql/context.js';
import type { SessionData } from './auth.service.js';
import { LoginInput, RegisterInput, Session } from './session.types.js';

@Resolver()
export class AuthResolver {
  @Mutation(() => Session, { description: 'Makes an account and signs this device in.' })
  register(
    @Arg('input', () => RegisterInput, { description: 'The account and the device.' }) input: RegisterInput,
    @Ctx() { auth, address }: RequestContext,
  ): Promise<SessionData> {
    return auth.register(input, address);
  }

  @Mutation(() => Session, { description: 'Signs in as a new device.' })
  login(
    @Arg('input', () => LoginInput, { description: 'The account and the device.' }) input: LoginInput,
    @Ctx() { auth, address }: RequestContext,
  ): Promise<SessionData> {
    return auth.login(input, address);
  }

  @Mutation(() => Session, {
    description:
      'Trades a refresh token for a new session of the same device, and extends every socket of that device, whichever transport asked.',
  })
  refreshSession(
    @Arg('refreshToken', () => String, {
      description: 'The one of the last session. A second use ends the device, but for a lost answer retried within 20 seconds.',
    })
    refreshToken: string,
    @Ctx() { auth, address }: RequestContext,
  ): Promise<SessionData> {
    return auth.refresh(refreshToken, address);
  }

  @Authorized()
  @Mutation(() => Boolean, { description: "Ends this device's session everywhere." })
  logout(@Ctx() { viewer, auth }: ViewerContext): Promise<boolean> {
    return auth.logout(viewer);
  }

  @Authorized()
  @Mutation(() => Session, { description: "Signs out every other device; this one's sockets stay." })
  changePassword(
    @Arg('current', () => String, { description: 'The password until now.' }) current: string,
    @Arg('next', () => String, { description: 'The password from now on: at least 8 characters and at most 72 bytes in UTF-8.' })
    next: string,
    @Ctx() { viewer, auth }: ViewerContext,
  ): Promise<SessionData> {
    return auth.changePassword(viewer, current, next);
  }

  @Authorized()
  @Mutation(() => Boolean, {
    description:
      "Ends the viewer's calls and sessions; others' histories keep a nameless stub. The username is free again. It cannot be undone.",
  })
  deleteAccount(
    @Arg('password', () => String, { description: 'The password, so that an open screen alone is not enough.' }) password: string,
    @Ctx() { viewer, auth }: ViewerContext,
  ): Promise<boolean> {
    return auth.deleteAccount(viewer, password);
  }
}
