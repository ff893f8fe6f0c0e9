import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const portsToTry = 50;

/** Listens and returns the port it has. One that was not asked for by name gives way to the next free one where it is taken. */
export async function listen(
  server: Server,
  { host, port, portIsFixed }: { host: string; port: number; portIsFixed: boolean },
): Promise<number> {
  for (let candidate = port; ; candidate += 1) {
    try {
      server.listen({ host, port: candidate });
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!taken || portIsFixed || candidate >= port + portsToTry) throw error;
    }
  }
}
