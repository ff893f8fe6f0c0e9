/** No `complete` is longer: its id has at most 128 characters, each of which JSON may write in six. */
const longestComplete = 1_024;

/**
 * The ends of a socket's subscriptions. An id is free again when its client completes it, but graphql-ws lets go of it a
 * moment later: a subscription that began under it in between would be taken for the former, be completed with it, and its
 * stream would never end. So what comes behind a `complete` waits until nothing is left of what that ended.
 */
export class SubscriptionEnds {
  readonly #ends = new Map<string, Promise<unknown>>();
  #begun: string | null = null;

  /** The message that is being handled begins one. */
  begins(id: string): void {
    this.#begun = id;
  }

  /** What has to be over before the next message, where there is something. `end` settles with the message's operation. */
  handled(message: string, end: Promise<unknown>): Promise<unknown> | undefined {
    const begun = this.#begun;
    if (begun === null) return this.#ends.get(completedBy(message) ?? '');
    this.#begun = null;
    this.#ends.set(begun, end);
    void end.then(() => this.#ends.delete(begun));
    return undefined;
  }
}

function completedBy(message: string): string | undefined {
  if (message.length > longestComplete || !message.includes('"complete"')) return undefined;
  try {
    const { type, id } = JSON.parse(message) as { type?: unknown; id?: unknown };
    return type === 'complete' && typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
