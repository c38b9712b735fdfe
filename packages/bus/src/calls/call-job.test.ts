import { describe, expect, test } from '@jest/globals';
import { CALLS_PER_JOB_MAX, callsOf, shareJobs, toJobData } from './call-job.ts';

const call = (callId: string, bytes = 100) => ({
  callId,
  envelope: { v: 1, tenant: 't', replyTo: 'r', deadline: 1, epoch: 'e', sealed: 'x'.repeat(bytes) },
});
const calls = (count: number) => Array.from({ length: count }, (_, n) => call(`c${n}`));
const sizesOf = (jobs: unknown[][]) => jobs.map((job) => job.length);

describe('calls that are sent together', () => {
  test.each([
    [1, 8, [1, 1, 1, 1, 1, 1, 1, 1]],
    [15, 3, [1, 1, 1]],
    [16, 3, [2, 1]],
    [31, 8, [3, 3, 2]],
    [64, 10, [4, 4, 2]],
    [400, 2, [2]],
  ])('of %d under way, %d of them now, have jobs of %j', (underWay, count, sizes) => {
    const jobs = shareJobs(calls(count), underWay);
    expect(sizesOf(jobs)).toEqual(sizes);
    expect(jobs.flat().map(({ callId }) => callId)).toEqual(calls(count).map(({ callId }) => callId));
  });

  test('share no job that would be large', () => {
    const large = 100 * 1024;
    expect(
      sizesOf(shareJobs([call('a'), call('b', large), call('c', large), call('d', 1 << 20), call('e')], 100)),
    ).toEqual([2, 1, 1, 1]);
  });
});

describe('the data of a job', () => {
  test('of one call is its envelope, and the job has its id', () => {
    const [one] = calls(1);
    const data = toJobData(one === undefined ? [] : [one]);
    expect(data).toEqual(one?.envelope);
    expect(callsOf({ id: 'c0', data })).toEqual([['c0', one?.envelope]]);
  });

  test('of several calls names each', () => {
    const data = JSON.parse(JSON.stringify(toJobData(calls(3))));
    expect(callsOf({ id: 'job', data })).toEqual(calls(3).map(({ callId, envelope }) => [callId, envelope]));
  });

  test.each<[string, unknown]>([
    ['nothing', null],
    ['a text', 'x'],
    ['calls that are none', { calls: 7 }],
    ['entries that are none', { calls: [null, 7, 'x', {}] }],
    ['an id that is no text', { calls: [[7, {}]] }],
  ])('that is %s throws nothing', (_name, data) => {
    for (const [callId] of callsOf({ id: 'job', data })) expect(callId).toBe('job');
  });

  test('that a stranger wrote brings no more calls than a caller would', () => {
    const data = { calls: calls(1000).map(({ callId, envelope }) => [callId, envelope]) };
    expect(callsOf({ id: 'job', data })).toHaveLength(CALLS_PER_JOB_MAX);
  });
});
