import { expect, test } from '@jest/globals';
import { toOrigin } from './external-user.ts';

const ID = 'a2'.repeat(12);

test.each([
  ['ada@example.test', 'api', 'created here'],
  ['ada@example.test', 'mcp', 'when it was connected'],
  [`agt_${ID}`, 'api', 'when this agent was deactivated'],
  [`psn_${ID}`, 'api', 'when this person was removed'],
  [`agt_${ID}`, 'mcp', 'when it was connected'],
  [`psn_${ID}`, 'mcp', 'when it was connected'],
] as const)('%s from %s became known: %s', (username, source, origin) => {
  expect(toOrigin({ username, source })).toBe(origin);
});
