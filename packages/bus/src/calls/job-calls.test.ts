import { describe, expect, test } from '@jest/globals';
import type { Envelope } from './envelope.ts';
import { CALLS_PER_JOB_MAX, callCountOf, jobsOf, openJob } from './job-calls.ts';

const clear = { v: 2, tenant: 'a', replyTo: 'x', deadline: 1, epoch: 'e' };
const sealed = (bytes: number): Envelope => ({ ...clear, sealed: 'x'.repeat(bytes) });
const queued = (sizes: readonly number[]) =>
  sizes.map((bytes, index) => ({ call: { callId: `c${index}` }, envelope: sealed(bytes) }));
const KIB = 1024;

describe('calls of one event loop turn', () => {
  test.each<[string, number[], number[]]>([
    ['none', [], []],
    ['one alone', [10], [1]],
    ['as many as a job may hold', Array(CALLS_PER_JOB_MAX).fill(10), [8]],
    ['one more', Array(CALLS_PER_JOB_MAX + 1).fill(10), [8, 1]],
    ['as many bytes as may be shared, and no more', [32 * KIB, 32 * KIB, 1], [2, 1]],
    ['a large one between small ones', [10, 70 * KIB, 10, 10], [1, 1, 2]],
  ])('%s', (_name, sizes, jobs) => {
    const calls = queued(sizes);
    const made = jobsOf(calls);
    expect(made.map((job) => job.calls.length)).toEqual(jobs);
    expect(made.map(({ jobId }) => callCountOf(jobId))).toEqual(jobs);
    expect(made.flatMap((job) => job.calls)).toEqual(calls);
    const opened = made.flatMap(({ jobId, data }) => openJob(jobId, JSON.parse(JSON.stringify(data))));
    expect(opened).toEqual(calls.map(({ call, envelope }) => ({ callId: call.callId, envelope })));
  });

  test('a call alone in its job gives the job its id; calls that share a job do not', () => {
    const [shared, own] = jobsOf(queued([...Array(CALLS_PER_JOB_MAX).fill(10), 10]));
    expect(own?.jobId).toBe('c8');
    expect(shared?.jobId).not.toMatch(/^c\d$/);
  });
});

test.each([
  ['calls that are not a list', { calls: 'x' }],
  ['too many calls', { calls: Array(CALLS_PER_JOB_MAX + 1).fill({ callId: 'c', ...sealed(1) }) }],
  ['a call without an id', { calls: [sealed(1)] }],
  ['a member in addition to its calls', { calls: [], more: 1 }],
])('a job with %s is not opened', (_name, data) => {
  expect(openJob('j', data)).toBeUndefined();
});
