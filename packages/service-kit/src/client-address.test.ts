import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import { createClientAddress } from './client-address.ts';

const behind = createClientAddress(['10.0.0.0/8', '2001:db8:ffff::/48']);
const request = (remoteAddress: string | undefined, forwarded?: string) =>
  ({
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    socket: { remoteAddress },
  }) as unknown as IncomingMessage;

test.each([
  ['of the connection, whatever it says', '192.0.2.1', '198.51.100.1', '192.0.2.1'],
  ['that the proxy names', '10.0.0.1', '198.51.100.1', '198.51.100.1'],
  ['that the proxy names, written as IPv6', '::ffff:10.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
  ['that the last proxy of several names', '10.0.0.1', '198.51.100.1, 10.0.0.2, 10.0.0.3', '198.51.100.1'],
  [
    'that the proxy names, not one that the client invented before it',
    '10.0.0.1',
    '203.0.113.9, 198.51.100.1',
    '198.51.100.1',
  ],
  ['of the proxy that names nobody', '10.0.0.1', undefined, '10.0.0.1'],
  ['of the proxy that names nobody', '10.0.0.1', '', '10.0.0.1'],
  ['of the first proxy when there are only proxies', '10.0.0.1', '10.0.0.2', '10.0.0.2'],
  ['without its port', '10.0.0.1', '198.51.100.1:5678', '198.51.100.1'],
  ['of IPv6 without its port', '2001:db8:ffff::1', '[2001:db8::7]:443', '2001:db8::7'],
  ['that the proxy names, even if it is not an IP address', '10.0.0.1', '198.51.100.1, unknown', 'unknown'],
])('the address is the one %s', (_name, peer, forwarded, address) => {
  expect(behind(request(peer, forwarded))).toBe(address);
});

test('without trusted proxies nobody can name another address', () => {
  expect(createClientAddress([])(request('10.0.0.1', '198.51.100.1'))).toBe('10.0.0.1');
});

test('a closed connection has no address', () => {
  expect([createClientAddress([]), behind].map((addressOf) => addressOf(request(undefined)))).toEqual(['', '']);
});
