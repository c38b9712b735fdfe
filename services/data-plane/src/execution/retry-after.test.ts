import { describe, expect, test } from '@jest/globals';
import { openClient, resolveToLoopback } from '../../test/open-client.ts';
import { planOf } from '../../test/plan.ts';
import { fakeClock, runTool } from '../../test/run-tool.ts';
import { json, startUpstream } from '../../test/upstream.ts';
import { findRetryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 0, 5, 12);

describe('how long a busy upstream asks callers to wait (B112)', () => {
  test.each<[number, string, number | undefined]>([
    [429, '30', 30_000],
    [503, '0', 0],
    [503, '86400', 3_600_000],
    [429, 'Mon, 05 Jan 2026 12:00:10 GMT', 10_000],
    [429, 'Mon, 05 Jan 2026 11:00:00 GMT', 0],
    [429, 'Tue, 06 Jan 2026 12:00:00 GMT', 3_600_000],
    [429, '-5', undefined],
    [429, '1.5', undefined],
    [429, 'soon 1', undefined],
    [429, 'Mon, nonsense GMT', undefined],
    [500, '30', undefined],
    [200, '30', undefined],
  ])('status %i, %j: %j', (status, header, waitMs) => {
    expect(findRetryAfterMs({ status, headers: { 'retry-after': header }, body: null }, NOW)).toBe(waitMs);
  });

  test('is unknown without the header', () => {
    expect(findRetryAfterMs({ status: 429, headers: {}, body: null }, NOW)).toBeUndefined();
  });

  test('is reported when the tool has no action for its answer', async () => {
    await using api = await startUpstream(json({}, 429, { 'Retry-After': '7' }));
    const when = '$statusCode == 200';
    const plan = planOf([{ id: 's', url: `${api.url}/x`, actions: [{ do: 'next', when }] }]);
    expect(await runTool(plan, { clock: fakeClock() })).toMatchObject({
      error: { code: 'no_action_matched', stepId: 's', status: 429, retryAfterMs: 7000 },
    });
  });

  test.each([
    ['POST', 201, undefined],
    ['PATCH', 200, undefined],
    ['POST', 409, 7000],
    ['PUT', 200, 7000],
    ['GET', 200, 7000],
  ] as const)('as reported after a %s that was answered with %i: %j', async (method, status, retryAfterMs) => {
    await using api = await startUpstream((request, response) =>
      request.url === '/first'
        ? json({}, status)(request, response)
        : json({}, 429, { 'Retry-After': '7' })(request, response),
    );
    const next = { do: 'next', when: '$statusCode < 410' } as const;
    const plan = planOf([
      { id: 'first', method, url: `${api.url}/first`, actions: [next] },
      { id: 's', url: `${api.url}/x`, actions: [next] },
    ]);
    const outcome = await runTool(plan, { clock: fakeClock() });
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'no_action_matched', stepId: 's' } });
    expect(outcome.ok ? undefined : outcome.error.retryAfterMs).toBe(retryAfterMs);
  });

  test.each([
    ['with another method, which says that it was done', 303, undefined],
    ['unchanged', 308, 7000],
  ] as const)('as reported after a POST that was redirected %s', async (_how, status, retryAfterMs) => {
    await using api = await startUpstream((request, response) =>
      request.url === '/first'
        ? json({}, status, { Location: '/second' })(request, response)
        : json({}, 503, { 'Retry-After': '7' })(request, response),
    );
    const actions = [{ do: 'next', when: '$statusCode == 200' }] as const;
    const plan = planOf([{ id: 's', method: 'POST', url: `${api.url}/first`, actions: [...actions] }]);
    const outcome = await runTool(plan, { clock: fakeClock() });
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'no_action_matched', status: 503 } });
    expect(outcome.ok ? undefined : outcome.error.retryAfterMs).toBe(retryAfterMs);
  });

  test('is not reported after a POST that was redirected to a paused host, because the POST was done', async () => {
    await using down = await startUpstream(json({}, 503));
    await using api = await startUpstream(json({}, 303, { Location: down.url }));
    const client = openClient({ resolve: resolveToLoopback, now: () => 0 });
    for (let count = 0; count < 10; count += 1) await runTool(planOf([{ url: down.url }]), { services: { client } });
    const outcome = await runTool(planOf([{ method: 'POST', url: api.url }]), { services: { client } });
    expect(outcome).toMatchObject({ outcome: 'done', error: { code: 'upstream_paused' } });
    expect(outcome.ok ? undefined : outcome.error.retryAfterMs).toBeUndefined();
  });
});
