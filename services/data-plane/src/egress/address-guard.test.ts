import { describe, expect, test } from '@jest/globals';
import { createAddressGuard } from './address-guard.ts';

const strict = createAddressGuard([]);

describe('an internal address is never allowed', () => {
  test.each([
    ['loopback', '127.0.0.1'],
    ['loopback, last', '127.255.255.254'],
    ['this network', '0.0.0.0'],
    ['private 10/8', '10.0.0.1'],
    ['private 172.16/12', '172.31.255.255'],
    ['private 192.168/16', '192.168.0.1'],
    ['link-local, cloud metadata', '169.254.169.254'],
    ['task metadata of ECS', '169.254.170.2'],
    ['pod identity of EKS', '169.254.170.23'],
    ['agent of Azure', '168.63.129.16'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['protocol assignments', '192.0.0.192'],
    ['6to4 relay', '192.88.99.1'],
    ['benchmark', '198.18.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation, 198', '198.51.100.1'],
    ['documentation, 203', '203.0.113.1'],
    ['class E', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['multicast', '224.0.0.1'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['IPv4-mapped', '::ffff:127.0.0.1'],
    ['IPv4-mapped in hex', '::ffff:7f00:1'],
    ['IPv4-mapped private', '::ffff:10.0.0.1'],
    ['IPv4-translated', '::ffff:0:7f00:1'],
    ['IPv4-compatible', '::127.0.0.1'],
    ['IPv4-compatible in hex', '::a00:1'],
    ['NAT64', '64:ff9b::7f00:1'],
    ['local NAT64', '64:ff9b:1::1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:1::1'],
    ['link-local', 'fe80::1'],
    ['link-local with zone', 'fe80::1%eth0'],
    ['unique local, metadata of AWS', 'fd00:ec2::254'],
    ['site-local', 'fec0::1'],
    ['IPv6 multicast', 'ff02::1'],
    ['discard', '100::1'],
    ['IPv6 documentation', '2001:db8::1'],
    ['newer IPv6 documentation', '3fff::1'],
    ['segment routing', '5f00::1'],
    ['not an address', 'localhost'],
    ['empty', ''],
  ])('%s: %s', (_name, address) => {
    expect(strict.isAllowed(address)).toBe(false);
  });
});

test.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946'])(
  'a public address is allowed: %s',
  (address) => {
    expect(strict.isAllowed(address)).toBe(true);
  },
);

describe('exceptions', () => {
  const local = createAddressGuard(['127.0.0.0/8', '::1/128']);

  test('open exactly the listed ranges', () => {
    expect(['127.0.0.1', '::1', '::ffff:127.0.0.1'].map(local.isAllowed)).toEqual([true, true, true]);
    expect(['10.0.0.1', '169.254.169.254', '::2'].map(local.isAllowed)).toEqual([false, false, false]);
  });

  test('are not needed for public addresses', () => {
    expect([local.isAllowed('8.8.8.8'), local.isException('8.8.8.8')]).toEqual([true, false]);
  });

  test('with an invalid range are refused', () => {
    expect(() => createAddressGuard(['127.0.0.1'])).toThrow();
  });
});
