/** A host as browsers take it: a name, an IPv4 address, or an IPv6 address in brackets. */
const label = String.raw`\w(?:[\w-]*\w)?`;
const host = String.raw`(?:\[[\da-fA-F:.]+\]|${label}(?:\.${label})*\.?)`;
const authority = String.raw`(?<authority>${host}(?::[1-9]\d{0,4})?)`;
const stunUrl = new RegExp(`^stuns?:${authority}$`);
const turnUrl = new RegExp(String.raw`^turns?:${authority}(?:\?transport=(?:udp|tcp))?$`);

/** `stun:host`, `stuns:host:port` (RFC 7064, 3.1): no slashes, no query. */
export function isStunUrl(url: string): boolean {
  return hasAuthority(stunUrl.exec(url));
}

/** `turn:host`, `turns:host:port?transport=tcp` (RFC 7065, 3.1), with the two transports that browsers take. */
export function isTurnUrl(url: string): boolean {
  return hasAuthority(turnUrl.exec(url));
}

/** The shape is right; whether the numbers of its addresses and its port are is asked of the parser of URLs. */
function hasAuthority(match: RegExpExecArray | null): boolean {
  return match !== null && URL.canParse(`http://${match.groups?.['authority']}`);
}
