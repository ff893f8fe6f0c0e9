import { z } from 'zod';

const count = z.int().min(1).max(100).default(1);

/** What a client author may let happen to a device of their own. */
const faultCommand = z.discriminatedUnion('kind', [
  /** Its sockets are cut, without a close frame: as by a change of networks. */
  z.strictObject({ kind: z.literal('drop-socket') }),
  /** Its next signals are taken so much later; their order is kept. */
  z.strictObject({ kind: z.literal('delay-signals'), count, ms: z.int().min(1).max(30_000).default(2_000) }),
  /** Its next signals are sent twice: as by a client that retries without a key. */
  z.strictObject({ kind: z.literal('double-signals'), count }),
  /** Its access token is refused from now on, and its sockets close with 4403: as when the token runs out. */
  z.strictObject({ kind: z.literal('expire-token') }),
  /** The call that rings for its user ends as NO_ANSWER: as when nobody has answered in time. */
  z.strictObject({ kind: z.literal('end-ring') }),
]);

export type FaultCommand = z.infer<typeof faultCommand>;

/** The command in a request's body, or what is wrong with it. */
export function readFaultCommand(body: unknown): FaultCommand | { readonly problem: string } {
  const read = faultCommand.safeParse(body);
  if (read.success) return read.data;
  const kinds = faultCommand.options.map(({ shape }) => shape.kind.value).join(', ');
  const issues = read.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  return { problem: `${issues.join('; ')}. kind is one of ${kinds}.` };
}
