import { expect, test } from '@jest/globals';
import { createStatementNames } from './statement-names.ts';

test('a repeated statement gets a name of its own, which stays', () => {
  const nameOf = createStatementNames();
  const names = ['SELECT 1', 'SELECT 2'].map((sql) => Array.from({ length: 5 }, () => nameOf({ sql })));
  expect(names).toEqual([
    ['', '', 's0', 's0', 's0'],
    ['', '', 's1', 's1', 's1'],
  ]);
});

test('however many statements there are, connections keep a bounded number', () => {
  const nameOf = createStatementNames();
  const names = new Set<string>();
  for (let each = 0; each < 1000; each += 1) {
    for (let time = 0; time < 4; time += 1) names.add(nameOf({ sql: `SELECT ${each}` }));
  }
  expect(names.size).toBe(401);
  expect(nameOf({ sql: 'SELECT 0' })).toBe('s0');
});
