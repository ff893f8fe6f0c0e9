import { createClient } from '@redis/client';
import type { Logger } from '../logger.js';
import { HintBus, type BusObserver, type Channel } from './hint-bus.js';

const name = 'switchboard_news';
const connectWithinMs = 2_000;
const sendWithinMs = 1_000;
/** A Redis that accepts and says nothing is left after this, as one that is gone. */
const silentForMs = 6_000;
const pingEveryMs = 2_000;

/** Pub/sub: one connection sends and hears, which takes RESP 3. */
class RedisChannel implements Channel {
  readonly #url: string;
  #client: Client | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  async send(text: string): Promise<void> {
    if (this.#client === null) throw new Error('There is no connection to Redis.');
    await this.#client.publish(name, text);
  }

  async listen(heard: (text: string) => void, lost: () => void): Promise<() => Promise<void>> {
    const client = connection(this.#url);
    let released = false;
    const end = (): void => {
      if (released) return;
      released = true;
      this.#client = null;
      if (client.isOpen) client.destroy();
      lost();
    };
    try {
      // Without a listener the client would throw what it has to say.
      client.on('error', () => undefined);
      await client.connect();
      await client.subscribe(name, heard);
    } catch (error) {
      if (client.isOpen) client.destroy();
      throw error;
    }
    client.on('error', end);
    client.on('end', end);
    this.#client = client;
    return () => {
      released = true;
      this.#client = null;
      if (client.isOpen) client.destroy();
      return Promise.resolve();
    };
  }
}

type Client = ReturnType<typeof connection>;

/** It does not come back by itself: who listens has to know that it was away. */
function connection(url: string) {
  return createClient({
    url,
    socket: { connectTimeout: connectWithinMs, socketTimeout: silentForMs, reconnectStrategy: false },
    commandOptions: { timeout: sendWithinMs },
    pingInterval: pingEveryMs,
    disableOfflineQueue: true,
  });
}

/** Hints by Redis from version 6 on, or Valkey. `url` may hold a password: not for a log. */
export class RedisBus extends HintBus {
  constructor({ url, ...rest }: { url: string; logger: Logger; observer: BusObserver }) {
    super({ channel: new RedisChannel(url), ...rest });
  }
}
