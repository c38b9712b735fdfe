import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createSlots } from './slots.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

function open(max: number) {
  const told: number[] = [];
  let looks = 0;
  const slots = createSlots(max, { allowJobs: (jobs) => told.push(jobs), lookForJobs: () => (looks += 1) });
  return { slots, told, looks: () => looks };
}

describe('how many jobs may be open', () => {
  test.each([
    [50, 6],
    [16, 2],
    [8, 1],
    [4, 1],
    [1, 1],
  ])('with %i places and nothing to do: %i, because each may be full', (max, jobs) => {
    expect(open(max).slots.jobsAllowed()).toBe(jobs);
  });

  test('counts the current calls, and one that may be fetched while there is room for it', () => {
    const { slots, told } = open(50);
    const end = [8, 8, 8, 8, 8].map((calls) => slots.takeJob(calls));
    // 10 places are free.
    expect(slots.jobsAllowed()).toBe(6);
    end.push(slots.takeJob(1));
    expect(slots.jobsAllowed()).toBe(7);
    end.push(slots.takeJob(2));
    expect(slots.jobsAllowed()).toBe(7);
    expect(told.at(-1)).toBe(7);
  });

  test('single calls fill all but the room that a full job needs', () => {
    const { slots } = open(50);
    let taken = 0;
    while (slots.jobsAllowed() > taken) {
      slots.takeJob(1);
      taken += 1;
    }
    expect(taken).toBe(43);
  });

  test('a job without calls changes nothing once it has ended', () => {
    const { slots } = open(50);
    slots.takeJob(0)();
    expect(slots.jobsAllowed()).toBe(6);
  });
});

describe('places', () => {
  test('go to those who wait, in order, and never to more of them than there are places', async () => {
    const { slots } = open(2);
    slots.takeJob(4);
    const got: number[] = [];
    const take = async (number: number) => {
      const end = await slots.takeCall();
      got.push(number);
      return end;
    };
    const [first] = await Promise.all([take(0), take(1)]);
    const rest = [take(2), take(3)];
    await Promise.resolve();
    expect(got).toEqual([0, 1]);
    first?.();
    (await rest[0])?.();
    await rest[1];
    expect(got).toEqual([0, 1, 2, 3]);
  });
});

describe('room that appears while no job ends', () => {
  test('is announced once, a little later', async () => {
    const { slots, looks } = open(4);
    slots.takeJob(4);
    const ends = await Promise.all([0, 1, 2, 3].map(() => slots.takeCall()));
    for (const end of ends.slice(0, 3)) end();
    expect(looks()).toBe(0);
    jest.runAllTimers();
    expect(looks()).toBe(1);
  });

  test('is not announced if a job ends meanwhile, nor if there was room before', async () => {
    const { slots, looks } = open(4);
    const endJob = slots.takeJob(4);
    const ends = await Promise.all([0, 1, 2, 3].map(() => slots.takeCall()));
    for (const end of ends) end();
    endJob();
    slots.takeJob(1);
    (await slots.takeCall())();
    jest.runAllTimers();
    expect(looks()).toBe(0);
  });
});
