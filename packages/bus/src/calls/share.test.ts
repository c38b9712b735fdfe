import { expect, test } from '@jest/globals';
import { mayHave } from './share.ts';

/** The number of `total` that each organization has when they take as many as they may, one after another. */
function fill(total: number, weights: readonly number[]): number[] {
  const held = weights.map(() => 0);
  for (let hasChanged = true; hasChanged; ) {
    hasChanged = false;
    for (const [index, weight] of weights.entries()) {
      const free = total - held.reduce((sum, count) => sum + count, 0);
      if (!mayHave(1, { held: held[index] ?? 0, free, weight })) continue;
      held[index] = (held[index] ?? 0) + 1;
      hasChanged = true;
    }
  }
  return held;
}

test.each([
  ['one organization has two thirds', [1], [40]],
  ['two have two fifths each', [1, 1], [24, 24]],
  ['three have two sevenths each', [1, 1, 1], [17, 17, 17]],
])('of 60, %s', (_title, weights, held) => {
  expect(fill(60, weights)).toEqual(held);
});

test('the first of an organization is refused only where none is free', () => {
  expect(mayHave(1, { held: 0, free: 1, weight: 1 })).toBe(true);
  expect(mayHave(1, { held: 0, free: 0, weight: 1 })).toBe(false);
  expect(mayHave(1, { held: 1, free: 1, weight: 9 })).toBe(false);
});
