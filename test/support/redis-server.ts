import { createClient } from '@redis/client';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.js';
import { Program } from './program.js';

/** Debian's Redis on loopback, with nothing on disk: what it forgets when it stops is what it would lose in a crash. */
export class RedisServer {
  readonly url: string;
  readonly #program: Program;

  private constructor(port: number) {
    this.url = `redis://127.0.0.1:${port}`;
    this.#program = new Program({
      package: 'redis-server',
      command: 'redis-server',
      args: ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'],
      answers: () => answersAt(this.url),
    });
  }

  /** Stopped when the test is over. */
  static async startForTest(): Promise<RedisServer> {
    const server = new RedisServer(await freePort(['127.0.0.1']));
    onTestFinished(() => server.kill());
    await server.startAgain();
    return server;
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }

  async kill(): Promise<void> {
    await this.#program.stop('SIGKILL');
  }

  /** At the address that it had. */
  async startAgain(): Promise<void> {
    await this.#program.start();
  }

  /** It accepts connections and says nothing, until `thaw`. */
  freeze(): void {
    this.#program.freeze();
  }

  thaw(): void {
    this.#program.thaw();
  }
}

async function answersAt(url: string): Promise<boolean> {
  const client = createClient({ url, socket: { reconnectStrategy: false } }).on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.destroy();
  }
}
