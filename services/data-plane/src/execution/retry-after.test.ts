import { describe, expect, test } from '@jest/globals';
import { planOf } from '../../test/plan.ts';
import { fakeClock, runTool } from '../../test/run-tool.ts';
import { json, startUpstream } from '../../test/upstream.ts';
import { findRetryAfterMs } from './retry-after.ts';

const NOW = Date.UTC(2026, 0, 5, 12);

describe('how long a busy upstream asks to be left alone (B112)', () => {
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

  test('is not known without the header', () => {
    expect(findRetryAfterMs({ status: 429, headers: {}, body: null }, NOW)).toBeUndefined();
  });

  test('is told when the tool has no action for its answer', async () => {
    await using api = await startUpstream(json({}, 429, { 'Retry-After': '7' }));
    const when = '$statusCode == 200';
    const plan = planOf([{ id: 's', url: `${api.url}/x`, actions: [{ do: 'next', when }] }]);
    expect(await runTool(plan, { clock: fakeClock() })).toMatchObject({
      error: { code: 'no_action_matched', stepId: 's', status: 429, retryAfterMs: 7000 },
    });
  });
});
