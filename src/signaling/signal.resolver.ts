import { Arg, Authorized, Ctx, Mutation, Resolver } from 'type-graphql';
import type { ViewerContext } from '../graphql/context.js';
import type { Receipt } from './signal.service.js';
import { SendSignalInput, SignalReceipt } from './signal.types.js';

@Resolver()
export class SignalResolver {
  @Authorized()
  @Mutation(() => SignalReceipt, {
    description: "Forwards one opaque payload to the other party. An ANSWER from a ringing callee's device also accepts the call.",
  })
  sendSignal(
    @Arg('input', () => SendSignalInput, { description: 'The signal.' }) input: SendSignalInput,
    @Ctx() { viewer, signals }: ViewerContext,
  ): Promise<Receipt> {
    return signals.send(viewer, input);
  }
}
