import { expect, test } from '@jest/globals';
import { limitAnonymous } from './anonymous-limit.ts';

test.each([
  ['of one IPv6 network of 64 bits', '2001:db8:0:1:a::1', '2001:db8:0:1:b:c:d:e'],
  ['of one IPv6 network of 64 bits, written shorter', '2001:db8::1', '2001:db8::ffff:0:0:2'],
  ['that are one IPv4 address, once written as IPv6', '192.0.2.1', '::ffff:192.0.2.1'],
])('addresses %s are counted together', async (_name, first, second) => {
  const limit = limitAnonymous(1);
  await limit(first);
  await expect(limit(second)).rejects.toMatchObject({ code: 'rate_limited' });
});

test.each([
  ['2001:db8:0:1::1', '2001:db8:0:2::1'],
  ['2001:db8::1', '::1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
])('%s and %s are counted apart', async (first, second) => {
  const limit = limitAnonymous(1);
  await limit(first);
  await expect(limit(second)).resolves.toBeUndefined();
});
