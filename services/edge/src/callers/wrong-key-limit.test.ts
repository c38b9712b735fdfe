import { expect, test } from '@jest/globals';
import { unauthenticated } from './authenticate.ts';
import { createWrongKeyLimit } from './wrong-key-limit.ts';

test('addresses of one IPv6 network of 64 bits count together, because one subscriber owns them (B030)', async () => {
  const limit = createWrongKeyLimit();
  for (let tries = 0; tries < 60; tries += 1) await limit.count(`2001:db8:0:1::${tries}`, unauthenticated());
  await expect(limit.check('2001:db8:0:1::ffff')).rejects.toMatchObject({ code: 'rate_limited' });
  await expect(limit.check('2001:db8:0:2::1')).resolves.toBeUndefined();
});
