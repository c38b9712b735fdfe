import { expect, test } from '@jest/globals';
import { chooseFaults } from './faults.ts';
import { createCalls } from './load.ts';
import { planInjections } from './schedule.ts';
import { tools } from './tools.ts';

const faults = chooseFaults({ only: [], minutes: 60 });

function injectionsOf(seed: number, count: number): string[] {
  const plan = planInjections(seed, faults);
  return Array.from({ length: count }, () => plan.next().value).map(
    ({ faults: chosen, holdMs }) => `${chosen.map(({ name }) => name).join(' + ')} ${holdMs}`,
  );
}

function callsOf(seed: number, count: number): string[] {
  const next = createCalls(seed, 2);
  return Array.from({ length: count }, () => JSON.stringify(next()));
}

test('the same seed gives the same faults and the same calls, another seed gives others', () => {
  expect(injectionsOf(7, 200)).toEqual(injectionsOf(7, 200));
  expect(injectionsOf(7, 200)).not.toEqual(injectionsOf(8, 200));
  expect(callsOf(7, 500)).toEqual(callsOf(7, 500));
  expect(callsOf(7, 500)).not.toEqual(callsOf(8, 500));
});

test('every fault comes alone before the first pair, and then in a pair with one that touches something else', () => {
  const plan = planInjections(3, faults);
  const first = Array.from({ length: faults.length }, () => plan.next().value.faults);
  expect(first.every(({ length }) => length === 1)).toBe(true);
  expect(new Set(first.flat().map(({ name }) => name)).size).toBe(faults.length);
  const paired = faults.filter(({ isAlone }) => isAlone !== true);
  const pairs = Array.from({ length: paired.length }, () => plan.next().value.faults);
  expect(paired.length).toBeLessThan(faults.length);
  for (const [one, other] of pairs) {
    expect([one?.isAlone, other?.isAlone]).toEqual([undefined, undefined]);
    expect(other).toBeDefined();
    expect(one?.touches.filter((touched) => other?.touches.includes(touched))).toEqual([]);
  }
});

test('a fault is held for as long as it says', () => {
  const plan = planInjections(5, faults);
  for (const {
    faults: [fault],
    holdMs,
  } of Array.from({ length: faults.length }, () => plan.next().value)) {
    const [min, max] = fault?.holdMs ?? [];
    expect(holdMs).toBeGreaterThanOrEqual(min ?? Number.POSITIVE_INFINITY);
    expect(holdMs).toBeLessThanOrEqual(max ?? 0);
  }
});

test('faults that take minutes are left to long runs, and faults can be chosen by their names', () => {
  expect(chooseFaults({ only: [], minutes: 2 }).some(({ isLong }) => isLong)).toBe(false);
  expect(chooseFaults({ only: ['clock of Redis', 'edge: SIGKILL'], minutes: 2 }).map(({ name }) => name)).toEqual([
    'edge: SIGKILL',
    'clock of Redis: +120 s',
    'clock of Redis: −120 s',
  ]);
});

test('calls are of every tool, keyed and not, cancelled and not, in both eras and at both edges', () => {
  const next = createCalls(1, 2);
  const calls = Array.from({ length: 2_000 }, next);
  const shareOf = (condition: (call: (typeof calls)[number]) => boolean) => calls.filter(condition).length / 2_000;
  const called = Object.keys(tools).filter((name) => name !== 'probe');
  expect([...new Set(calls.map(({ tool }) => tool))].toSorted()).toEqual(called.toSorted());
  for (const share of [
    shareOf(({ isKeyed }) => isKeyed),
    shareOf(({ era }) => era === 'legacy'),
    shareOf(({ cancelAfterMs }) => cancelAfterMs !== undefined),
  ]) {
    expect(share).toBeGreaterThan(0.02);
    expect(share).toBeLessThan(0.3);
  }
  expect(shareOf(({ edgeIndex }) => edgeIndex === 0)).toBeCloseTo(0.5, 1);
});
