import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** How often one statement was executed, and for how many items where its first parameter is a list of them. */
export interface Executions {
  times: number;
  items: number;
}

/**
 * Stands between a node and Postgres and counts what is asked, by the names of the prepared statements; one without a
 * name counts by its text. Nothing is held up or changed.
 */
export class StatementCounter {
  readonly #server: Server;
  readonly #target: URL;
  readonly #open = new Set<Socket>();
  #counts = new Map<string, Executions>();

  /** Ended when the test is over. */
  static async startForTest(databaseUrl: string): Promise<StatementCounter> {
    const counter = new StatementCounter(new URL(databaseUrl));
    counter.#server.listen(0, '127.0.0.1');
    await once(counter.#server, 'listening');
    onTestFinished(() => counter.#stop());
    return counter;
  }

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  /** Of the same database, by way of here. */
  get url(): string {
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  /** Since the last time that it was asked. */
  take(): ReadonlyMap<string, Readonly<Executions>> {
    const counts = this.#counts;
    this.#counts = new Map();
    return counts;
  }

  #accept(near: Socket): void {
    const far = connect(Number(this.#target.port), this.#target.hostname);
    const reader = new FrontendMessages((name, items) => this.#count(name, items));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(one);
      one.setNoDelay(true).on('error', () => other.destroy());
      one.on('close', () => {
        this.#open.delete(one);
        other.destroy();
      });
      one.on('data', (data) => {
        if (one === near) reader.read(data);
        other.write(data);
      });
      one.on('end', () => other.end());
    }
  }

  #count(name: string, items: number): void {
    const counted = this.#counts.get(name) ?? { times: 0, items: 0 };
    this.#counts.set(name, { times: counted.times + 1, items: counted.items + items });
  }

  async #stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** What one client says to Postgres: https://www.postgresql.org/docs/current/protocol-message-formats.html */
class FrontendMessages {
  readonly #executed: (statement: string, items: number) => void;
  #rest: Buffer = Buffer.alloc(0);
  #started = false;
  #unnamed = '';

  constructor(executed: (statement: string, items: number) => void) {
    this.#executed = executed;
  }

  read(data: Buffer): void {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    for (;;) {
      // The first message has no type.
      const typeBytes = this.#started ? 1 : 0;
      if (this.#rest.length < typeBytes + 4) return;
      const end = typeBytes + this.#rest.readUInt32BE(typeBytes);
      if (this.#rest.length < end) return;
      if (this.#started) this.#message(String.fromCharCode(this.#rest[0]!), this.#rest.subarray(5, end));
      this.#started = true;
      this.#rest = this.#rest.subarray(end);
    }
  }

  #message(type: string, body: Buffer): void {
    if (type === 'Q') return this.#executed(textUpTo(body, 0), 0);
    const first = textUpTo(body, 0);
    const second = textUpTo(body, Buffer.byteLength(first) + 1);
    if (type === 'P' && first === '') this.#unnamed = second;
    if (type === 'B')
      this.#executed(second === '' ? this.#unnamed : second, itemsOfFirst(body, first.length + Buffer.byteLength(second) + 2));
  }
}

function textUpTo(body: Buffer, from: number): string {
  return body.toString('utf8', from, Math.max(from, body.indexOf(0, from)));
}

/** Formats of the parameters, their number, then each with its length: a list comes as the text `{a,b,c}`. */
function itemsOfFirst(body: Buffer, from: number): number {
  const count = from + 2 + body.readUInt16BE(from) * 2;
  if (body.readUInt16BE(count) === 0) return 0;
  const text = body.toString('utf8', count + 6, count + 6 + Math.max(0, body.readInt32BE(count + 2)));
  return text.startsWith('{') ? text.split(',').length : 0;
}
