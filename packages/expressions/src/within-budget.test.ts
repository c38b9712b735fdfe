import { expect, test } from '@jest/globals';
import { exampleBudget } from './budget.example.ts';
import { UNITS_PER_MS } from './budget.ts';
import { withinBudget } from './within-budget.ts';

function work(ms: number): number {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
  return ms;
}

test('returns the result of the work, and deducts its time from the budget', () => {
  const budget = exampleBudget();
  const { unitsLeft } = budget;
  expect(withinBudget(budget, () => work(20))).toBe(20);
  expect(budget.unitsLeft).toBeLessThan(unitsLeft - UNITS_PER_MS);
});

test('stops work that takes longer than the budget lasts, however large that is', () => {
  const startMs = performance.now();
  expect(() => withinBudget(exampleBudget(Number.POSITIVE_INFINITY), () => work(60_000))).toThrow(
    'the budget is used up',
  );
  expect(() => withinBudget(exampleBudget(10 * UNITS_PER_MS), () => work(60_000))).toThrow('the budget is used up');
  expect(performance.now() - startMs).toBeLessThan(20_000);
});

test('does not start with an exhausted budget', () => {
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
  };
  expect(() => withinBudget(exampleBudget(10), begin)).toThrow('the budget is used up');
  expect(hasBegun).toBe(false);
});

test('passes on what the work throws, and also counts its time', () => {
  const budget = exampleBudget();
  const { unitsLeft } = budget;
  const fail = () => {
    work(20);
    throw new TypeError('no');
  };
  expect(() => withinBudget(budget, fail)).toThrow(TypeError);
  expect(budget.unitsLeft).toBeLessThan(unitsLeft - UNITS_PER_MS);
});

test('still works after work was stopped', () => {
  expect(() => withinBudget(exampleBudget(2 * UNITS_PER_MS), () => work(60_000))).toThrow();
  expect(withinBudget(exampleBudget(), () => 1)).toBe(1);
});
