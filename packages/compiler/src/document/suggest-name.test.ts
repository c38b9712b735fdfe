import { expect, test } from '@jest/globals';
import { suggestName } from './suggest-name.ts';

const many = Array.from({ length: 12 }, (_, index) => `output${index}`);

test.each([
  ['ctiy', ['country', 'city'], 'Did you mean "city"?'],
  ['STATUS', ['state', 'status'], 'Did you mean "status"?'],
  ['x', ['status', 'state'], 'Available: status, state.'],
  ['x', [], 'Available: none.'],
  ['x', many, `Available: ${many.slice(0, 10).join(', ')}, ….`],
  ['a'.repeat(65), ['a'.repeat(64)], `Available: ${'a'.repeat(64)}.`],
])('%s', (name, candidates, hint) => {
  expect(suggestName(name, candidates, 'Available')()).toBe(hint);
});
