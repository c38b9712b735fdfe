import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { CallEvent, Plan } from '@toolplane/contracts';
import { planOf, questionsOf } from '../../test/plan.ts';
import { internalErrors, runTool, secretOf, type ToolRun } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

const CANARY = 'sk_canary_0123456789';

/** The statuses of the responses in order; after them, always 200. All responses echo what was received. */
let statuses: number[];
let api: Upstream;
beforeAll(async () => {
  api = await startUpstream((request, response) => json(request.headers, statuses.shift() ?? 200)(request, response));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  expect(internalErrors).toEqual([]);
});

async function listen(plan: Plan, events: ToolRun['events'], run: ToolRun = {}): Promise<CallEvent[]> {
  const reported: CallEvent[] = [];
  await runTool(plan, { ...run, events, reported });
  return reported;
}

const url = () => `${api.url}/canary-path`;
const retrying = () =>
  planOf([
    {
      id: 'a',
      url: url(),
      actions: [{ do: 'retry', when: '$statusCode == 503', waitMs: 1500 }, { do: 'next' }],
    },
    { id: 'b', url: url() },
  ]);

describe('progress', () => {
  test('counts the completed steps out of all, if every step leads forward', async () => {
    statuses = [200, 404];
    const plan = planOf([
      { id: 'a', url: url() },
      { id: 'b', url: url(), actions: [{ do: 'goto', stepIndex: 3, when: '$statusCode == 404' }, { do: 'next' }] },
      { id: 'c', url: url() },
      { id: 'd', url: url() },
    ]);
    expect(await listen(plan, { progress: true })).toEqual([
      { kind: 'progress', progress: 1, total: 4, message: 'Step a' },
      { kind: 'progress', progress: 2, total: 4, message: 'Step b' },
      { kind: 'progress', progress: 4, total: 4, message: 'Step d' },
    ]);
  });

  test('has no total when a step can be repeated, and grows with each try', async () => {
    statuses = [503, 503];
    expect(await listen(retrying(), { progress: true })).toEqual([
      { kind: 'progress', progress: 1, message: 'Step a' },
      { kind: 'progress', progress: 2, message: 'Step a' },
      { kind: 'progress', progress: 3, message: 'Step a' },
      { kind: 'progress', progress: 4, message: 'Step b' },
    ]);
  });

  test('has no total when a goto may jump back', async () => {
    statuses = [];
    const plan = planOf([
      { id: 'a', url: url(), actions: [{ do: 'goto', stepIndex: 0, when: 'false' }, { do: 'end' }] },
    ]);
    expect(await listen(plan, { progress: true })).toEqual([{ kind: 'progress', progress: 1, message: 'Step a' }]);
  });

  test('does not exist for a plan without steps, or for questions', async () => {
    expect(await listen(planOf([], { a: 'x' }), { progress: true, logLevel: 'debug' })).toEqual([]);
    const plan = planOf([{ url: url() }], {}, questionsOf({ q: { method: 'roots/list', params: {} } }));
    expect(await listen(plan, { progress: true, logLevel: 'debug' }, { abilities: ['roots'] })).toEqual([]);
  });
});

describe('the log', () => {
  test('reports each try by names and numbers', async () => {
    statuses = [503, 201];
    expect(await listen(retrying(), { progress: false, logLevel: 'info' })).toEqual([
      {
        kind: 'log',
        level: 'warning',
        data: { event: 'step_retry', step: 'a', attempt: 1, action: 'retry', status: 503, wait_ms: 1500 },
      },
      {
        kind: 'log',
        level: 'info',
        data: { event: 'step_finished', step: 'a', attempt: 2, action: 'next', status: 201 },
      },
      {
        kind: 'log',
        level: 'info',
        data: { event: 'step_finished', step: 'b', attempt: 1, action: 'next', status: 200 },
      },
    ]);
  });

  test.each([
    ['debug', 3],
    ['info', 3],
    ['notice', 1],
    ['warning', 1],
    ['error', 0],
    ['emergency', 0],
  ] as const)('starts at the requested level: %s', async (logLevel, count) => {
    statuses = [503];
    expect(await listen(retrying(), { progress: false, logLevel })).toHaveLength(count);
  });
});

test('nothing is reported of a failed step', async () => {
  statuses = [500];
  const plan = planOf([{ url: url(), actions: [{ do: 'next', when: '$statusCode == 200' }] }]);
  expect(await listen(plan, { progress: true, logLevel: 'debug' })).toEqual([]);
});

test('nothing is reported to a caller who did not ask', async () => {
  statuses = [503];
  expect(await listen(retrying(), undefined)).toEqual([]);
});

test('no argument, secret, request or answer is reported', async () => {
  statuses = [];
  const plan = planOf([
    { id: 's', url: url(), headers: { 'x-key': '$secrets.KEY', 'x-input': '$inputs.canary' }, secrets: ['KEY'] },
  ]);
  const run = { secrets: { KEY: secretOf(CANARY) }, inputs: { canary: 'canary-input' } };
  const reported = await listen(plan, { progress: true, logLevel: 'debug' }, run);
  expect(reported).toHaveLength(2);
  expect(JSON.stringify(reported)).not.toContain('canary');
});
