import { expect, test } from 'vitest';
import { isPublicAddress } from '../src/config/public-address.js';

test.for([
  ['this machine', '127.0.0.1', '127.255.255.254', '::1'],
  ['no address yet', '0.0.0.0', '0.1.2.3', '::'],
  ['private networks', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
  ['the link, and the metadata of clouds on it', '169.254.0.1', '169.254.169.254', 'fe80::1', 'fe80::1%eth0', 'fd00:ec2::254'],
  ['the network of a provider', '100.64.0.1', '100.127.255.255'],
  ['everybody, and groups', '255.255.255.255', '224.0.0.1', '239.255.255.255', 'ff02::1'],
  [
    'documentation, benchmarks, reserved',
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '240.0.0.1',
    '192.0.0.8',
    '2001:db8::1',
    '3fff::1',
  ],
  [
    'IPv4 as IPv6',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '::127.0.0.1',
    '::8.8.8.8',
    '::ffff:0:8.8.8.8',
  ],
  ['IPv4 by way of a translator', '64:ff9b::127.0.0.1', '64:ff9b::8.8.8.8', '64:ff9b:1::a00:1', '2002:7f00:1::1', '2001:0:4136:e378::1'],
  ['numbers that are read as one of these', '127.1', '0x7f.1', '2130706433', '017700000001'],
  ['other parts of IPv6', '100::1', '4000::1', 'fec0::1', '5f00::1', '2001:20::1', '2001:2::1'],
  ['no address at all', '', 'localhost', '1.2.3.4.5', '8.8.8.8/32', '8.8.8.8:80', '[::1]'],
])('not public: %s', ([, ...addresses]) => {
  expect(addresses.filter((address) => isPublicAddress(address))).toEqual([]);
});

test.for([
  '8.8.8.8',
  '1.1.1.1',
  '9.9.9.9',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '192.167.0.1',
  '2606:4700:4700::1111',
  '2a00:1450::1',
])('public: %s', (address) => {
  expect(isPublicAddress(address)).toBe(true);
});
