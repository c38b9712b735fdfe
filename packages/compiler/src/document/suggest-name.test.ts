import { expect, test } from '@jest/globals';
import { suggestName } from './suggest-name.ts';

const many = Array.from({ length: 12 }, (_, index) => `output${index}`);

test.each([
  ['ctiy', ['country', 'city'], 'Did you mean "city"?'],
  ['STATUS', ['state', 'status'], 'Did you mean "status"?'],
  ['x', ['status', 'state'], 'There are: status, state.'],
  ['x', [], 'There are: none.'],
  ['x', many, `There are: ${many.slice(0, 10).join(', ')}, ….`],
  ['a'.repeat(65), ['a'.repeat(64)], `There are: ${'a'.repeat(64)}.`],
])('%s', (name, candidates, hint) => {
  expect(suggestName(name, candidates, 'There are')()).toBe(hint);
});
