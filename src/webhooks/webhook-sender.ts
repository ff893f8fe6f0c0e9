import { Webhook } from 'standardwebhooks';
import type { Logger } from '../logger.js';
import { Rounds } from '../rounds.js';
import type { OutboxRepository } from './outbox.repository.js';
import { retryDelayMs } from './retry-delay.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import { bodyOf, typeOf, type WebhookEvent } from './webhook-event.js';

const everyMs = 1_000;
/** From the look-up of the name to the answer. */
const tryMs = 10_000;
/** Longer than a try and the statement behind it, so that while one is under way nobody else begins the next. */
const leaseMs = 30_000;

/** Events under way at once on one node; of one call there is one at most. */
export const mostUnderWay = 16;

export const outcomes = ['accepted', 'failed', 'gone', 'expired'] as const;
export type Outcome = (typeof outcomes)[number];

export interface WebhookSenderOptions {
  readonly outbox: Pick<OutboxRepository, 'claim' | 'remove' | 'postpone' | 'expire'>;
  readonly endpoint: Pick<WebhookEndpoint, 'post' | 'close'>;
  readonly secrets: readonly string[];
  readonly count: (outcome: Outcome) => void;
  readonly logger: Logger;
}

/**
 * Tells the receiver what stands in the outbox: at least once each, of one call in order, different calls beside each
 * other. An event is told when the receiver has answered 2xx; else it is tried again, until it is a day old or the
 * receiver says 410. Any number of nodes may do it on one database. Logs ids, never a body, a secret or the URL.
 */
export class WebhookSender {
  readonly #parts: WebhookSenderOptions;
  readonly #signers: readonly Webhook[];
  readonly #rounds: Rounds;
  readonly #ending = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #looking: Promise<void> | null = null;
  #lookAgain = false;
  #failing = false;

  constructor(parts: WebhookSenderOptions) {
    this.#parts = parts;
    this.#signers = parts.secrets.map((secret) => new Webhook(secret));
    const round = async (): Promise<void> => {
      await this.#expire();
      this.wake();
    };
    this.#rounds = new Rounds({ everyMs, round, logger: parts.logger, what: 'old webhooks could not be looked for this time' });
  }

  start(): void {
    this.#rounds.start();
    this.wake();
  }

  /** Something may be due: looked for at once. Without it, it is found within a second. */
  wake(): void {
    this.#lookAgain = true;
    if (this.#hasRoom && this.#looking === null) this.#looking = this.#look();
  }

  /** Breaks off what is under way; another node, or the next start, tries it again. */
  async stop(): Promise<void> {
    this.#ending.abort();
    this.#rounds.stop();
    await this.#looking;
    await Promise.all(this.#underWay);
    this.#parts.endpoint.close();
  }

  get #hasRoom(): boolean {
    return !this.#ending.signal.aborted && this.#underWay.size < mostUnderWay;
  }

  async #look(): Promise<void> {
    try {
      do {
        this.#lookAgain = false;
        await this.#take(mostUnderWay - this.#underWay.size);
      } while (this.#lookAgain && this.#hasRoom);
    } catch (error) {
      this.#parts.logger.warn({ err: error }, 'webhooks could not be looked for this time');
    } finally {
      this.#looking = null;
    }
  }

  async #take(most: number): Promise<void> {
    const askedAt = performance.now();
    const events = await this.#parts.outbox.claim(most, leaseMs);
    // A node that was frozen meanwhile may wake up when another one has them.
    if (performance.now() - askedAt > leaseMs - tryMs) return;
    for (const event of events) {
      const sent = this.#tell(event).finally(() => {
        this.#underWay.delete(sent);
        this.wake();
      });
      this.#underWay.add(sent);
    }
  }

  /** Never rejects: what cannot be written down is tried again when the lease ends. */
  async #tell(event: WebhookEvent): Promise<void> {
    const { outbox, logger } = this.#parts;
    try {
      const { outcome, delayMs } = await this.#try(event);
      if (outcome === 'failed') await outbox.postpone(event, delayMs);
      else await outbox.remove(event);
    } catch (error) {
      logger.warn({ err: error, webhookId: event.id }, 'the outcome of a webhook could not be kept');
    }
  }

  async #try(event: WebhookEvent): Promise<{ outcome: Outcome; delayMs: number }> {
    const { endpoint, count } = this.#parts;
    const body = bodyOf(event);
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(tryMs)]);
    const told = { webhookId: event.id, callId: event.callId, type: typeOf(event), tries: event.tries };
    try {
      const { status, retryAfterMs } = await endpoint.post(body, this.#headers(event, body), signal);
      const outcome = outcomeOf(status);
      count(outcome);
      this.#note(outcome, { ...told, status });
      return { outcome, delayMs: retryDelayMs(event.tries, Math.random(), retryAfterMs) };
    } catch (error) {
      if (this.#ending.signal.aborted) return { outcome: 'failed', delayMs: 0 };
      count('failed');
      this.#note('failed', { ...told, err: error });
      return { outcome: 'failed', delayMs: retryDelayMs(event.tries, Math.random()) };
    }
  }

  /** By https://www.standardwebhooks.com: the time is that of the try, and all keys sign the same. */
  #headers({ id }: WebhookEvent, body: string): Record<string, string> {
    const now = new Date();
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': this.#signers.map((signer) => signer.sign(id, now, body)).join(' '),
    };
  }

  /** A receiver that is down would fill the log: the first failure and the first success behind it are told aloud. */
  #note(outcome: Outcome, told: object): void {
    const { logger } = this.#parts;
    if (outcome === 'gone') logger.warn(told, 'a webhook was given up: its receiver answered 410');
    if (outcome === 'failed') logger[this.#failing ? 'debug' : 'warn'](told, 'a webhook was not accepted');
    if (outcome === 'accepted' && this.#failing) logger.info(told, 'webhooks are accepted again');
    this.#failing = outcome === 'failed';
  }

  async #expire(): Promise<void> {
    for (const { id, callId, tries, ...event } of await this.#parts.outbox.expire()) {
      this.#parts.count('expired');
      this.#parts.logger.warn(
        { webhookId: id, callId, type: typeOf(event), tries },
        'a webhook was given up: nobody accepted it for a day',
      );
    }
  }
}

/** Of a redirect nobody knows what the other place would do with it; 410 says that nobody wants to know. */
function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return 'accepted';
  return status === 410 ? 'gone' : 'failed';
}
