import { expect, test } from '@jest/globals';
import { policySchema } from '@toolplane/contracts';
import { checkPolicy } from './check-policy.ts';

const rule = { id: 'a', effect: 'deny' };

test.each([
  ['two rules with one id', { rules: [rule, rule] }, '/rules/1/id', 'must be unique: /rules/0 already has "a"'],
  [
    'a rule and a limit with one id',
    { rules: [rule], limits: [{ id: 'a', per: 'user', concurrent: 1 }] },
    '/limits/0/id',
    'must be unique: /rules/0 already has "a"',
  ],
  ['an approval in a rule that asks nobody', { rules: [{ ...rule, approval: {} }] }, '/rules/0/approval', '"approve"'],
  ['an invalid time zone', { rules: [{ ...rule, times: { timezone: 'Mars' } }] }, '/rules/0/times/timezone', 'IANA'],
  [
    'hours of zero length',
    { rules: [{ ...rule, times: { from: '08:00', to: '08:00' } }] },
    '/rules/0/times/to',
    'must differ from "from"',
  ],
  [
    'an invalid schema',
    { rules: [{ ...rule, arguments: { properties: { x: { type: 'text' } } } }] },
    '/rules/0/arguments/properties/x/type',
    'Not a valid JSON Schema',
  ],
  [
    'a pattern that no engine runs in linear time',
    { rules: [rule, { ...rule, id: 'b', arguments: { properties: { x: { pattern: '(?=a)' } } } }] },
    '/rules/1/arguments/properties/x/pattern',
    'look-ahead',
  ],
  ['a limit of zero', { limits: [{ id: 'a', per: 'user' }] }, '/limits/0', '"concurrent"'],
])('%s is refused, with its place', async (_title, policy, path, message) => {
  const problems = await checkPolicy(policySchema.parse(policy));
  expect(problems).toEqual([{ path, message: expect.stringContaining(message) }]);
});

test('all problems are reported at once', async () => {
  const problems = await checkPolicy(policySchema.parse({ rules: [rule, { ...rule, approval: {} }] }));
  expect(problems.map(({ path }) => path)).toEqual(['/rules/1/id', '/rules/1/approval']);
});
