import { describe, expect, test } from '@jest/globals';
import type { HttpMethod, Plan } from '@toolplane/contracts';
import { type ActionText, planOf, workflowOf } from '../../test/plan.ts';
import { fakeClock, runTool } from '../../test/run-tool.ts';
import { type ScriptedResponse, useScriptedApi } from '../../test/scripted-api.ts';
import { traceTool } from '../../test/trace-tool.ts';
import { json } from '../../test/upstream.ts';

const api = useScriptedApi();

const arazzo = (rest: Partial<Plan> = {}): Partial<Plan> => ({ semantics: 'arazzo', ...rest });

const hangUp: ScriptedResponse = (request) => request.socket.destroy();
const breakOff: ScriptedResponse = (_request, response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('{', () => response.destroy());
};

const again: ActionText[] = [{ do: 'retry', retriesMax: 2 }];

/** A step that succeeds with a 2xx status, and is retried otherwise. */
function pay(onFailure = again, method: HttpMethod = 'POST') {
  const failure = { succeeds: '$statusCode >= 200 && $statusCode < 300', actions: onFailure };
  return { id: 'pay', method, url: api.at('/pay'), failure };
}

const unknown = (code: string) => ({ ok: false, outcome: 'unknown', error: { code, stepId: 'pay' } });

describe('a POST or PATCH that may have been done is not tried again', () => {
  test.each<[string, HttpMethod, ScriptedResponse, string]>([
    ['the connection was closed', 'POST', hangUp, 'upstream_unreachable'],
    ['the answer broke off', 'POST', breakOff, 'upstream_bad_response'],
    ['the connection was closed', 'PATCH', hangUp, 'upstream_unreachable'],
  ])('when %s (%s)', async (_why, method, answer, code) => {
    api.answers = { '/pay': [answer, json({})] };
    expect(await runTool(planOf([pay(again, method)], {}, arazzo()))).toMatchObject(unknown(code));
    expect(api.paths()).toEqual(['/pay']);
  });

  test('when the step had no time left to wait for the answer', async () => {
    api.answers = { '/pay': [() => {}, json({})] };
    const plan = planOf([{ ...pay(), timeoutMs: 50 }], {}, arazzo());
    expect(await runTool(plan)).toMatchObject(unknown('upstream_timeout'));
    expect(api.paths()).toEqual(['/pay']);
  });

  test('but the run continues where its next action leads, which a debugger sees', async () => {
    api.answers = { '/pay': [hangUp] };
    const look = { id: 'look', url: api.at('/look') };
    const plan = planOf([pay([...again, { do: 'goto', stepIndex: 1 }]), look], {}, arazzo());
    const { outcome, tree } = await traceTool(plan);
    expect(outcome).toMatchObject({ ok: true });
    expect(api.paths()).toEqual(['/pay', '/look']);
    expect(tree?.children[0]?.children).toMatchObject([{ decision: { actions: [{ is_spent: true }, {}], chosen: 1 } }]);
  });

  test('nor is it retried by an outer step, whatever the workflow in between did with the failure', async () => {
    api.answers = { '/pay': [hangUp, json({})], '/look': [json({}, 500)] };
    const look = { ...pay([]), id: 'look', method: 'GET' as const, url: api.at('/look') };
    const workflows = [workflowOf('order', [pay([{ do: 'goto', stepIndex: 1 }]), look])];
    const failure = { succeeds: 'true', actions: again };
    const plan = planOf([{ id: 'order', call: { workflowIndex: 0 }, failure }], {}, arazzo({ workflows }));
    expect(await runTool(plan)).toMatchObject({ ok: false, outcome: 'unknown', error: { code: 'step_failed' } });
    expect(api.paths()).toEqual(['/pay', '/look']);
  });
});

describe('a retry is made as the document says', () => {
  test.each([
    ['the step has an idempotency key', { idempotencyKey: { header: 'Idempotency-Key' } }],
    ['the step is declared idempotent', { isIdempotent: true as const }],
    ['the method is idempotent', { method: 'PUT' as const }],
  ])('when %s', async (_why, promise) => {
    api.answers = { '/pay': [hangUp, json({})] };
    expect(await runTool(planOf([{ ...pay(), ...promise }], {}, arazzo()))).toMatchObject({ ok: true });
    expect(api.paths()).toEqual(['/pay', '/pay']);
  });

  test.each([429, 500, 503])('when the upstream answered with %i', async (status) => {
    api.answers = { '/pay': [json({}, status), json({})] };
    expect(await runTool(planOf([pay()], {}, arazzo()))).toMatchObject({ ok: true });
    expect(api.paths()).toEqual(['/pay', '/pay']);
  });

  test('when the lost request belongs to another step that runs at the same time', async () => {
    const isLost = Promise.withResolvers<void>();
    const report: ScriptedResponse = (request, response) => {
      isLost.resolve();
      json({})(request, response);
    };
    const fail: ScriptedResponse = (request, response) =>
      void isLost.promise.then(() => json({}, 500)(request, response));
    api.answers = { '/pay': [hangUp], '/tell': [report], '/look': [fail, json({})] };
    const look = { ...pay(), id: 'look', method: 'GET' as const, url: api.at('/look') };
    const workflows = [
      workflowOf('order', [pay([{ do: 'goto', stepIndex: 1 }]), { id: 'tell', url: api.at('/tell') }]),
      workflowOf('find', [look]),
    ];
    const steps = [
      { id: 'order', call: { workflowIndex: 0 } },
      { id: 'find', call: { workflowIndex: 1 }, isParallel: true as const },
    ];
    expect(await runTool(planOf(steps, {}, arazzo({ workflows })))).toMatchObject({ ok: true });
    expect(api.paths().sort()).toEqual(['/look', '/look', '/pay', '/tell']);
  });

  test('when nothing was sent, because nobody accepts the connection', async () => {
    const clock = fakeClock();
    const plan = planOf([{ ...pay(), url: 'http://127.0.0.1:1/pay' }], {}, arazzo());
    expect(await runTool(plan, { clock })).toMatchObject({ ok: false, outcome: 'not_started' });
    expect(clock.waits).toHaveLength(2);
  });
});

test('a call that fails after a POST that may be repeated says when to retry', async () => {
  const refused: ScriptedResponse = (_request, response) => response.writeHead(429, { 'retry-after': '3' }).end();
  api.answers = { '/late': [refused] };
  const late = { ...pay([]), id: 'late', method: 'GET' as const, url: api.at('/late') };
  const run = (isIdempotent: boolean) =>
    runTool(planOf([isIdempotent ? { ...pay(), isIdempotent } : pay(), late], {}, arazzo()));
  expect(await run(true)).toMatchObject({ error: { retryAfterMs: 3000 } });
  expect((await run(false)) as object).not.toHaveProperty('error.retryAfterMs');
});
