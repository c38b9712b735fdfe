import { expect, test } from '@jest/globals';
import { changesBetween } from './changes-between.ts';

test('names each member that differs by its JSON Pointer', () => {
  const before = { id: 'a', config: { isPublic: false, 'a/b~c': 1 }, tags: ['x'], gone: null };
  const after = { id: 'a', config: { isPublic: true, 'a/b~c': 2 }, tags: ['x', 'y'], made: 'now' };
  expect(changesBetween(before, after)).toEqual([
    { pointer: '/config/isPublic', before: false, after: true },
    { pointer: '/config/a~1b~0c', before: 1, after: 2 },
    { pointer: '/tags', before: ['x'], after: ['x', 'y'] },
    { pointer: '/gone', before: null },
    { pointer: '/made', after: 'now' },
  ]);
});

test('a creation or a deletion is one change of the whole', () => {
  expect(changesBetween(undefined, { id: 'a' })).toEqual([{ pointer: '', after: { id: 'a' } }]);
  expect(changesBetween({ id: 'a' }, undefined)).toEqual([{ pointer: '', before: { id: 'a' } }]);
  expect(changesBetween(undefined, undefined)).toEqual([]);
});

test('times that change by themselves do not count as changes', () => {
  const at = (second: number) => ({ id: 'a', updatedAt: new Date(second * 1000), lastUsedAt: second });
  expect(changesBetween(at(1), at(2))).toEqual([]);
});

test('a long text is cut and named by its digest, so that an entry stays small', () => {
  const [change] = changesBetween({ text: 'a' }, { text: 'b'.repeat(100_000) });
  expect(String(change?.after)).toMatch(/^b{1000}… \(100000 characters, SHA-256 [0-9a-f]{64}\)$/);
});

test('no more than a hundred changes are recorded', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`m${index}`, index]));
  expect(changesBetween({}, many)).toHaveLength(100);
});

test('many long changes stay small enough for an export of many entries', () => {
  const after = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`m${index}`, 'x'.repeat(5000)]));
  const changes = changesBetween({}, after);
  expect(changes.length).toBeGreaterThan(10);
  expect(JSON.stringify(changes).length).toBeLessThan(21_000);
});
