import { describe, expect, test } from '@jest/globals';
import type { Plan } from '@toolplane/contracts';
import { connectedPlan } from '../../test/connected-plan.ts';
import { planOf, templateOf, workflowOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';
import { type ScriptedResponse, useScriptedApi } from '../../test/scripted-api.ts';
import { json } from '../../test/upstream.ts';

const api = useScriptedApi();

const to =
  (location: string, status = 302): ScriptedResponse =>
  (_request, response) =>
    response.writeHead(status, { location }).end();
const stepTo = (path: string) => ({ id: path.slice(1), url: api.at(path) });
const limit = (outcome: string, stepId?: string) => ({
  ok: false,
  outcome,
  error: { code: 'loop_limit', ...(stepId === undefined ? {} : { stepId }) },
});

/** Each page is redirected five times before it arrives. */
function pages(pagesMax: number): Plan {
  api.answers = { '/hop5': [json({ list: [1] })] };
  for (const hop of [1, 2, 3, 4]) api.answers[`/hop${hop}`] = [to(`/hop${hop + 1}`)];
  for (let page = 1; page <= pagesMax; page += 1)
    api.answers[page === 1 ? '/list' : `/list?page=${page}`] = [to('/hop1')];
  const pagination = { type: 'page' as const, parameter: 'page', items: templateOf('$response.body.list'), pagesMax };
  return connectedPlan({ url: api.at('/list'), authentication: 'none', pagination });
}

describe('a run sends at most its limit of requests, including redirects and further pages (T21)', () => {
  test('50 requests, for the pages of one step', async () => {
    expect(await runTool(pages(8))).toMatchObject({ ok: true });
    expect(api.seen).toHaveLength(48);
    api.reset();
    expect(await runTool(pages(10))).toMatchObject(limit('done'));
    expect(api.seen).toHaveLength(50);
  });

  test('twice the limit of steps, for a loop: nothing beyond it starts, and the outcome says what was done', async () => {
    api.answers = { '/loop': [to('/hop')], '/hop': [to('/end')] };
    const loop = { ...stepTo('/loop'), actions: [{ do: 'goto' as const, stepIndex: 1 }] };
    expect(await runTool(planOf([stepTo('/first'), loop]))).toMatchObject(limit('done', 'loop'));
    expect(api.seen).toHaveLength(200);
    // The first step, 66 rounds, and the part of the next round for which requests were left.
    expect(api.paths().slice(-2)).toEqual(['/end', '/loop']);
  });

  test('for the steps of called workflows, as the plan’s limit of steps sets it', async () => {
    api.answers = { '/loop': [to('/hop')], '/hop': [to('/end')] };
    const loop = { ...stepTo('/loop'), actions: [{ do: 'goto' as const, stepIndex: 0 }] };
    const workflows = [workflowOf('loops', [loop])];
    const plan = planOf([{ id: 'call', call: { workflowIndex: 0 } }], {}, { workflows, stepsRunMax: 30 });
    expect(await runTool(plan)).toMatchObject(limit('done', 'call/loop'));
    expect(api.seen).toHaveLength(60);
  });

  test('a POST answered with a redirect counts as done, even if the redirect is no longer followed', async () => {
    const post = { ...stepTo('/post'), method: 'POST' as const };
    const straight = planOf([...Array(24).fill(stepTo('/first')), post]);
    api.answers = { '/first': [to('/hop')], '/hop': [json({})], '/post': [to('/more', 303)], '/more': [to('/end')] };
    expect(await runTool(straight)).toMatchObject(limit('done', 'post'));
    expect(api.paths().slice(-2)).toEqual(['/post', '/more']);
  });
});

test('each step of a long tool may be redirected', async () => {
  api.answers = { '/step': [to('/there')] };
  const steps = Array.from({ length: 50 }, (_, index) => ({ id: `s${index}`, url: api.at('/step') }));
  expect(await runTool(planOf(steps))).toMatchObject({ ok: true });
  expect(api.seen).toHaveLength(100);
});
