import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createSlots, type QueueSearch } from './slots.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const ofA = { organization: 'a', weight: 1 };

function open(max: number, search: (wanted: QueueSearch) => Promise<number> = async () => 0) {
  const reported: number[] = [];
  let looks = 0;
  const slots = createSlots(max, { allowJobs: (jobs) => reported.push(jobs), pollJobs: () => (looks += 1), search });
  return { slots, reported, looks: () => looks };
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
    const { slots, reported } = open(50);
    const end = [8, 8, 8, 8, 8].map((calls) => slots.takeJob(calls));
    // 10 slots are free.
    expect(slots.jobsAllowed()).toBe(6);
    end.push(slots.takeJob(1));
    expect(slots.jobsAllowed()).toBe(7);
    end.push(slots.takeJob(2));
    expect(slots.jobsAllowed()).toBe(7);
    expect(reported.at(-1)).toBe(7);
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

  test('jobs that a search took fill places, and BullMQ may not fetch more for them', () => {
    const { slots } = open(8);
    slots.takeJob(8);
    const endSearched = slots.takeJob(1, 'search');
    expect(slots.jobsAllowed()).toBe(1);
    endSearched();
    expect(slots.jobsAllowed()).toBe(1);
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
      const end = await slots.takeCall(ofA);
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
    const ends = await Promise.all([0, 1, 2, 3].map(() => slots.takeCall(ofA)));
    for (const end of ends.slice(0, 3)) end();
    expect(looks()).toBe(0);
    jest.advanceTimersByTime(100);
    expect(looks()).toBe(1);
  });

  test('is announced when it is due to the end of a job that a search took', async () => {
    const { slots, looks } = open(4);
    slots.takeJob(3);
    const endJob = slots.takeJob(1, 'search');
    (await slots.takeCall(ofA))();
    endJob();
    jest.advanceTimersByTime(100);
    expect(looks()).toBe(1);
  });

  test('is not announced if a job ends meanwhile, nor if there was room before', async () => {
    const { slots, looks } = open(4);
    const endJob = slots.takeJob(4);
    const ends = await Promise.all([0, 1, 2, 3].map(() => slots.takeCall(ofA)));
    for (const end of ends) end();
    endJob();
    slots.takeJob(1);
    (await slots.takeCall(ofA))();
    jest.advanceTimersByTime(100);
    expect(looks()).toBe(0);
  });
});

describe('organizations', () => {
  /** The organizations of running calls, in the order of their start, and a function that ends one call of each. */
  function openShared(max: number) {
    const { slots } = open(max);
    const ends: [organization: string, end: () => void][] = [];
    const take = (organization: string, count: number, weight = 1) => {
      slots.takeJob(count);
      for (let n = 0; n < count; n += 1) {
        void slots.takeCall({ organization, weight }).then((end) => ends.push([organization, end]));
      }
    };
    const end = (organization: string) => {
      const index = ends.findIndex(([name]) => name === organization);
      for (const [, endCall] of ends.splice(index, 1)) endCall();
    };
    const running = async () => {
      await Promise.resolve();
      await Promise.resolve();
      return ends.map(([name]) => name).join('');
    };
    return { take, end, running };
  }

  test('one alone runs as many calls as there are places, and another one still begins at once (T38)', async () => {
    const { take, running } = openShared(4);
    take('a', 6);
    expect(await running()).toBe('aaaa');
    take('b', 1);
    expect(await running()).toBe('aaaab');
  });

  test('that wait get places by turns, the one with the least for its weight first (T38)', async () => {
    const { take, end, running } = openShared(4);
    take('a', 20);
    take('b', 20);
    take('c', 20);
    expect(await running()).toBe('aaaabc');
    for (let n = 0; n < 4; n += 1) {
      end('a');
      await running();
    }
    const now = await running();
    expect([...now].sort().join('')).toBe('aabbc');
  });
});

test('a worker without room searches its queue for jobs of organizations that may have more, until it has room (T38)', async () => {
  const answers: boolean[] = [];
  const { slots } = open(4, async ({ mayTake, loads }) => {
    answers.push(mayTake('a', 1), mayTake('b', 8), loads.get('a') === 4);
    return 0;
  });
  slots.takeJob(4);
  const ends = await Promise.all([0, 1, 2, 3].map(() => slots.takeCall(ofA)));
  await jest.advanceTimersByTimeAsync(5);
  expect(answers.splice(0)).toEqual([false, true, true]);
  for (const end of ends) end();
  await jest.advanceTimersByTimeAsync(50);
  expect(answers).toEqual([]);
});
