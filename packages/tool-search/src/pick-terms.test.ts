import { expect, test } from '@jest/globals';
import { fuzzing } from '@toolplane/loopback/fuzzing';
import fc from 'fast-check';
import { pickTerms } from './pick-terms.ts';

const toolCount = 10_000;

function pick(counts: readonly number[], shareMax: number): number[] {
  const terms = counts.map((_count, at) => String(at));
  const countOf = (term: string) => counts[Number(term)] ?? 0;
  return pickTerms(terms, shareMax, { toolCount, countOf }).map(countOf);
}

test('however long the query is, no more is read than one entry per tool', () => {
  const counts = fc.array(fc.integer({ min: 0, max: toolCount }), { maxLength: 200 });
  const property = fc.property(counts, fc.double({ min: 0, max: 1, noNaN: true }), (all, shareMax) => {
    const picked = pick(all, shareMax);
    expect(picked.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(toolCount);
    expect(picked.length > 0).toBe(all.some((count) => count > 0));
  });
  fc.assert(property, fuzzing);
});

test('the rarest words are read, and very frequent ones only if there are no others', () => {
  expect(pick([4000, 20, 0, 2500, 3000], 0.3)).toEqual([20, 2500, 3000]);
  expect(pick([5000, 4000, 3500], 0.3)).toEqual([3500, 4000]);
});
