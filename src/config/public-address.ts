import ipaddr from 'ipaddr.js';

/** The part of IPv6 that is given out for the internet (RFC 4291, section 2.4): what lies outside reaches nobody there, or an IPv4 address in disguise. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an address is one of the public internet, by the registries of special-purpose addresses (RFC 6890): not of this
 * machine, its network, its provider (RFC 6598), a cloud's metadata (169.254.169.254), and none that carries an IPv4 address
 * within (mapped, 6to4, Teredo, NAT64 of RFC 6052), since that could be any of these. False for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(globalUnicast));
}

/** The address that a URL names in place of a host name, or null. */
export function addressOf({ hostname }: URL): string | null {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return ipaddr.isValid(bare) ? bare : null;
}
