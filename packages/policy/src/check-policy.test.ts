import { expect, test } from '@jest/globals';
import { policySchema } from '@toolplane/contracts';
import { checkPolicy } from './check-policy.ts';

const rule = { id: 'a', effect: 'deny' };

test.each([
  ['two rules of one id', { rules: [rule, rule] }, '/rules/1/id', '/rules/0 already has the id "a"'],
  [
    'a rule and a limit of one id',
    { rules: [rule], limits: [{ id: 'a', per: 'user', concurrent: 1 }] },
    '/limits/0/id',
    '/rules/0 already has the id "a"',
  ],
  ['an approval of a rule that asks nobody', { rules: [{ ...rule, approval: {} }] }, '/rules/0/approval', '"approve"'],
  [
    'a time zone that is none',
    { rules: [{ ...rule, times: { timezone: 'Mars' } }] },
    '/rules/0/times/timezone',
    'IANA',
  ],
  [
    'hours without length',
    { rules: [{ ...rule, times: { from: '08:00', to: '08:00' } }] },
    '/rules/0/times/to',
    'end at the time they begin',
  ],
  [
    'a schema that is none',
    { rules: [{ ...rule, arguments: { properties: { x: { type: 'text' } } } }] },
    '/rules/0/arguments/properties/x/type',
    'Not a valid JSON Schema',
  ],
  [
    'a pattern that runs in linear time on no engine',
    { rules: [rule, { ...rule, id: 'b', arguments: { properties: { x: { pattern: '(?=a)' } } } }] },
    '/rules/1/arguments/properties/x/pattern',
    'look-ahead',
  ],
  ['a limit of nothing', { limits: [{ id: 'a', per: 'user' }] }, '/limits/0', '"concurrent"'],
])('%s is refused where it stands', async (_title, policy, path, message) => {
  const problems = await checkPolicy(policySchema.parse(policy));
  expect(problems).toEqual([{ path, message: expect.stringContaining(message) }]);
});

test('all problems are told at once', async () => {
  const problems = await checkPolicy(policySchema.parse({ rules: [rule, { ...rule, approval: {} }] }));
  expect(problems.map(({ path }) => path)).toEqual(['/rules/1/id', '/rules/1/approval']);
});
