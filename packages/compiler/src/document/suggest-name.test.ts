import { expect, test } from '@jest/globals';
import { closestName, suggestName } from './suggest-name.ts';

const many = Array.from({ length: 12 }, (_, index) => `output${index}`);

test.each([
  ['ctiy', ['country', 'city'], 'Did you mean "city"?'],
  ['x-taks', ['x-ask', 'x-task'], 'Did you mean "x-task"?'],
  ['STATUS', ['state', 'status'], 'Did you mean "status"?'],
  ['x', ['status', 'state'], 'Available: status, state.'],
  ['x', [], 'Available: none.'],
  ['x', many, `Available: ${many.slice(0, 10).join(', ')}, ….`],
  ['a'.repeat(65), ['a'.repeat(64)], `Available: ${'a'.repeat(64)}.`],
])('%s', (name, candidates, hint) => {
  expect(suggestName(name, candidates, 'Available')()).toBe(hint);
});

test.each([
  ['x-taks', 'x-task', true],
  ['x-titel', 'x-title', true],
  ['x-outptu', 'x-output', true],
  ['x-tka', 'x-task', false],
  ['x-tskaa', 'x-task', false],
  ['x-task', 'x-task', true],
  ['ab', 'cd', false],
])('%s is %s with one slip at most: %j', (name, candidate, isClose) => {
  expect(closestName(name, [candidate], 1)).toBe(isClose ? candidate : undefined);
});
