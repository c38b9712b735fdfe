import { expect, test } from '@jest/globals';
import { hashPassword, isPassword } from './passwords.ts';

test('a hundred sign-ins at once wait for each other, and those beyond are refused at once', async () => {
  const passwordHash = await hashPassword('the right password');
  const answers = await Promise.allSettled(
    Array.from({ length: 150 }, (_, index) => isPassword(index === 0 ? 'the right password' : 'wrong', passwordHash)),
  );
  expect(answers[0]).toEqual({ status: 'fulfilled', value: true });
  const refused = answers.filter((answer) => answer.status === 'rejected');
  expect(answers.length - refused.length).toBeGreaterThanOrEqual(100);
  expect(refused.length).toBeGreaterThan(0);
  for (const { reason } of refused) expect(reason).toMatchObject({ code: 'rate_limited' });
  expect(await isPassword('the right password', passwordHash)).toBe(true);
});

test('a person without a password cannot sign in with any', async () => {
  expect(await isPassword('anything', null)).toBe(false);
  expect(await isPassword('anything', undefined)).toBe(false);
});
