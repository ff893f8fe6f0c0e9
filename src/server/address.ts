import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import proxyaddr from 'proxy-addr';

/** As some proxies write an address: with the port of the connection, and IPv6 in brackets then. */
const withPort = /^(?:\[(.+)\](?::\d+)?|([\d.]+):\d+)$/;

/**
 * The address that rates and counts go by: the peer's, or what so many trusted proxies say in X-Forwarded-For. Of IPv6
 * the first 64 bits, all of which one household has; what is no address, from a proxy that writes names, as it stands.
 */
export function addressOf(request: IncomingMessage, trustedProxyHops: number): string {
  const said = proxyaddr(request, (_address, hop) => hop < trustedProxyHops);
  const [, bracketed, plain] = withPort.exec(said) ?? [];
  const address = bracketed ?? plain ?? said;
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`;
}
