import { expect, test } from '@jest/globals';
import { createAddressLimit } from './address-limit.ts';

test('an address has a limited number, and what is given back no longer counts', async () => {
  const limit = createAddressLimit({ points: 2 });
  const take = () => limit.take('192.0.2.1');
  expect([await take(), await take(), await take(), await limit.take('192.0.2.2')]).toEqual([true, true, false, true]);
  await limit.giveBack('192.0.2.1');
  await limit.giveBack('192.0.2.1');
  expect(await take()).toBe(true);
});

test('all IPv6 addresses of one subscriber count as one', async () => {
  const limit = createAddressLimit({ points: 1 });
  const addresses = ['2001:db8:1:2::1', '2001:db8:1:2:ffff::7', '2001:db8:1:3::1'];
  expect(await Promise.all(addresses.map(limit.take))).toEqual([true, false, true]);
});
