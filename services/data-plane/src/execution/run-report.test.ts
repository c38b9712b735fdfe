import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json, RunReport } from '@toolplane/contracts';
import { parseTemplate } from '@toolplane/expressions';
import { planOf } from '../../test/plan.ts';
import { internalErrors, runTool, secretOf, type ToolRun } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

/* Tests what is reported about a run in addition to its outcome. */

let api: Upstream;
/** Sends the responses to requests that have not been answered yet. */
const held: (() => void)[] = [];

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const answer = () =>
      json({ city: 'Oslo', count: 3, isNew: true, list: [1], said: 's3cret-of-a-server' })(request, response);
    if (pathname === '/held') held.push(answer);
    else if (pathname === '/broken') response.destroy();
    else answer();
  });
});
afterAll(async () => api[Symbol.asyncDispose]());
afterEach(() => expect(internalErrors).toEqual([]));

const analyticsOf = (named: Record<string, Json>) =>
  Object.entries(named).map(([name, text]) => {
    const { template } = parseTemplate(text, (error) => {
      throw error;
    });
    return [name, template] as [string, typeof template];
  });

async function reportOf(plan: Parameters<typeof runTool>[0], run: ToolRun = {}) {
  const report: RunReport = { upstreamMs: 0, upstreamRequests: 0 };
  const outcome = await runTool(plan, { ...run, report });
  return { outcome, report };
}

const find = () => ({ id: 'find', url: `${api.url}/find`, outputs: { city: '$response.body.city' } });

test('requests are counted, and concurrent ones count their time once', async () => {
  const parallel = { url: `${api.url}/held` };
  const plan = planOf([
    { ...parallel, id: 'one' },
    { ...parallel, id: 'other', isParallel: true },
    { id: 'broken', url: `${api.url}/find` },
  ]);
  const began = performance.now();
  const running = reportOf(plan);
  while (held.length < 2) await new Promise(setImmediate);
  for (const answer of held.splice(0)) answer();
  const { report, outcome } = await running;
  expect(outcome.ok).toBe(true);
  expect(report.upstreamRequests).toBe(3);
  expect(report.upstreamMs).toBeGreaterThan(0);
  expect(report.upstreamMs).toBeLessThanOrEqual(performance.now() - began);
  expect(report).not.toHaveProperty('analytics');
});

test('a failed request also counts', async () => {
  const { report } = await reportOf(planOf([{ id: 'broken', url: `${api.url}/broken` }]));
  expect(report.upstreamRequests).toBe(1);
  expect(report.upstreamMs).toBeGreaterThan(0);
});

describe('analytics', () => {
  test('are plain values of the run; lists, objects and missing values are left out', async () => {
    const analytics = analyticsOf({
      'order.city': '$steps.find.outputs.city',
      asked: '$inputs.number',
      fixed: 'web',
      list: '$inputs.list',
      count: '$steps.find.response.body.count',
      isNew: '$steps.find.response.body.isNew',
      none: '$inputs.none',
      missing: '$steps.find.response.body.missing',
      text: 'in {$inputs.number}',
    });
    const inputs = { number: 7, list: [1], none: null };
    const { report, outcome } = await reportOf(planOf([find()], {}, { analytics }), { inputs });
    expect(outcome).toMatchObject({ ok: true, value: {} });
    expect(report.analytics).toEqual({
      'order.city': 'Oslo',
      asked: 7,
      fixed: 'web',
      count: 3,
      isNew: true,
      none: null,
      text: 'in 7',
    });
  });

  test('are redacted before they are truncated, and the cut leaves nothing of a secret', async () => {
    const analytics = analyticsOf({
      said: '$steps.find.response.body.said',
      long: '{$inputs.filler}{$steps.find.response.body.said}',
    });
    const step = { ...find(), secrets: ['TOKEN'], headers: { authorization: '$secrets.TOKEN' } };
    const secrets = { TOKEN: secretOf('s3cret-of-a-server') };
    const inputs = { filler: 'x'.repeat(250) };
    const { report } = await reportOf(planOf([step], {}, { analytics }), { secrets, inputs });
    expect(report.analytics).toEqual({ said: '[secret:TOKEN]', long: `${'x'.repeat(250)}[secre` });
    expect(JSON.stringify(report)).not.toContain('s3cret');
  });

  test('are limited in number, in length and in total size', async () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`n${index}`, String(index)]));
    const { report } = await reportOf(planOf([], {}, { analytics: analyticsOf(many) }));
    expect(Object.keys(report.analytics ?? {})).toHaveLength(32);
    const wide = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`n${index}`, '$inputs.text']));
    const inputs = { text: 'é'.repeat(1000) };
    const analytics = analyticsOf({ ...wide, ['n'.repeat(65)]: 'too long a name' });
    const { report: wider } = await reportOf(planOf([], {}, { analytics }), { inputs });
    expect(Buffer.byteLength(JSON.stringify(wider.analytics))).toBeLessThanOrEqual(4200);
    expect(Object.values(wider.analytics ?? {})).toContain('é'.repeat(256));
  });

  test('of a failed call are what it produced, and never change how it ends', async () => {
    const analytics = analyticsOf({
      city: '$steps.find.outputs.city',
      later: '$steps.broken.response.status',
      huge: '$inputs.huge',
    });
    const plan = planOf([find(), { id: 'broken', url: `${api.url}/broken` }], {}, { analytics });
    const { report, outcome } = await reportOf(plan, { inputs: { huge: 'x'.repeat(3 * 1024 * 1024) } });
    expect(outcome).toMatchObject({ ok: false, error: { stepId: 'broken' } });
    expect(report.analytics).toEqual({ city: 'Oslo' });
  });
});
