import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Above the ports that the kernel gives out by itself, so that none is taken between the look and its use. */
const ports = { from: 62_000, to: 63_999 } as const;

/** A port that a server can have by TCP and by UDP on each of those addresses. */
export async function freePort(hosts: readonly string[]): Promise<number> {
  for (;;) {
    const port = randomInt(ports.from, ports.to + 1);
    if ((await Promise.all(hosts.map((host) => isFree(port, host)))).every(Boolean)) return port;
  }
}

async function isFree(port: number, host: string): Promise<boolean> {
  const tcp = createServer();
  const udp = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    const bound = [once(tcp.listen(port, host), 'listening'), once(udp.bind(port, host), 'listening')];
    return (await Promise.allSettled(bound)).every(({ status }) => status === 'fulfilled');
  } finally {
    await Promise.all([new Promise((resolve) => tcp.close(resolve)), new Promise<void>((resolve) => udp.close(resolve))]);
  }
}
