import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openClient, resolveToLoopback, rulesWith } from '../../test/open-client.ts';
import { planOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import type { HttpClient } from '../egress/http-client.ts';

/** Tests what a call learns if its request was not sent in order to protect others. */

let api: Upstream;
let client: HttpClient;
beforeAll(async () => {
  api = await startUpstream(json({ down: true }, 503));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  api.seen.length = 0;
  client = openClient({ resolve: resolveToLoopback, now: () => 0 });
});

const run = (plan: Parameters<typeof runTool>[0]) => runTool(plan, { services: { client } });
const failure = { succeeds: '$statusCode == 200', actions: [] };

test('a paused host: the call has not started, and learns when to retry (T22)', async () => {
  const plan = planOf([{ url: api.url }]);
  for (let count = 0; count < 10; count += 1) await run(plan);
  expect(await run(plan)).toMatchObject({
    ok: false,
    outcome: 'not_started',
    error: { code: 'upstream_paused', retryAfterMs: 10_000 },
  });
  expect(api.seen).toHaveLength(10);
});

test('a document can handle a paused host like any failure of a step', async () => {
  await using other = await startUpstream(json({ ok: true }));
  const retry = { do: 'retry', retriesMax: 9 } as const;
  const plan = planOf(
    [
      { url: api.url, failure: { ...failure, actions: [retry, { do: 'goto', stepIndex: 1 }] } },
      { id: 'other', url: other.url },
    ],
    { ok: '$steps.other.response.body.ok' },
  );
  expect(await run(plan)).toEqual({ ok: true, outcome: 'done', value: { ok: true } });
  expect(await run(plan)).toEqual({ ok: true, outcome: 'done', value: { ok: true } });
  expect(api.seen).toHaveLength(10);
});

test('a host that the workspace denies: the call has not started', async () => {
  const rulesOf = (workspaceId: string) =>
    rulesWith({ workspaceId, denyHosts: workspaceId === 'ws' ? ['127.0.0.1'] : [] });
  client = openClient({ rulesOf });
  expect(await run(planOf([{ url: api.url }]))).toMatchObject({
    outcome: 'not_started',
    error: { code: 'egress_denied' },
  });
  expect(await run(planOf([{ url: api.url }], {}, { workspaceId: 'other' }))).toMatchObject({ outcome: 'done' });
});
