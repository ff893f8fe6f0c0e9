import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isPublicAddress } from '../config/public-address.js';

/** A host name has no address that may be connected to. */
class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly code = 'ERR_PRIVATE_ADDRESS';
}

/**
 * Finds the addresses of a host name for a connection, and gives away the public ones alone. It is asked for every
 * connection, and the connection goes to what it gave: a name that changes its address afterwards changes nothing.
 * Nobody asks it about an address: those are checked where they are read.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    if (error !== null) return callback(error, []);
    const [first, ...others] = found.filter(({ address }) => isPublicAddress(address));
    if (first === undefined) callback(new PrivateAddressError('The host has no public address.'), []);
    else if (options.all === true) callback(null, [first, ...others]);
    else callback(null, first.address, first.family);
  });
};
