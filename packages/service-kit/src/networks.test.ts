import { expect, test } from '@jest/globals';
import { createNetworks, networkOf, parseNetwork, siteNetworkOf } from './networks.ts';

const networks = createNetworks(['192.0.2.0/24', '203.0.113.7', '2001:db8:1::/48', '::1']);

test.each([
  ['192.0.2.0', true],
  ['192.0.2.255', true],
  ['192.0.3.0', false],
  ['203.0.113.7', true],
  ['203.0.113.8', false],
  ['2001:db8:1:ffff::1', true],
  ['2001:db8:2::1', false],
  ['::1', true],
  ['::ffff:192.0.2.1', true],
  ['::FFFF:198.51.100.1', false],
  ['2001:db8:1::1%eth0', true],
  ['', false],
  ['unknown', false],
  ['192.0.2.1:80', false],
])('whether %s is in one of the networks: %s', (address, isIn) => {
  expect(networks.has(address)).toBe(isIn);
});

test('no networks contain no address, and a network of 0 bits contains all addresses of its family', () => {
  expect(createNetworks([]).has('192.0.2.1')).toBe(false);
  const all = createNetworks(['0.0.0.0/0']);
  expect([all.has('192.0.2.1'), all.has('2001:db8::1')]).toEqual([true, false]);
});

test.each([
  '',
  '/',
  '192.0.2.0/33',
  '192.0.2.0/-1',
  '192.0.2.0/08',
  '192.0.2.0/',
  '192.0.2/24',
  '192.0.2.256',
  '0x7f.1',
  '2001:db8::/129',
  '2001:db8:::/32',
  '::ffff:192.0.2.0/120',
  'fe80::1%eth0',
  '*',
  'localhost',
  ' 192.0.2.1',
  '٣.0.0.1',
])('%j is not a network', (text) => {
  expect(parseNetwork(text)).toBeUndefined();
  expect(() => createNetworks([text])).toThrow(RangeError);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['', ''],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test.each([
  ['192.0.2.1', '192.0.2.0/24'],
  ['::ffff:192.0.2.1', '192.0.2.0/24'],
  ['2001:db8:1:2ff:3:4:5:6', '2001:db8:1:200::/56'],
  ['2001:db8:1:2::', '2001:db8:1:0::/56'],
  ['2001:db8::1', '2001:db8:0:0::/56'],
  ['', ''],
])('the site of %s has %s', (address, network) => {
  expect(siteNetworkOf(address)).toBe(network);
});
