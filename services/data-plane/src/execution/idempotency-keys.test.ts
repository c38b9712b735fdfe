import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Plan } from '@toolplane/contracts';
import { type ActionText, planOf, workflowOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';
import { type ScriptedResponse, useScriptedApi } from '../../test/scripted-api.ts';
import { json } from '../../test/upstream.ts';

const api = useScriptedApi();

const hangUp: ScriptedResponse = (request) => request.socket.destroy();
const busy = json({}, 503);

/** A POST step with a key, which succeeds with a 2xx status. */
function post(id: string, onFailure: ActionText[] = []) {
  return {
    id,
    method: 'POST' as const,
    url: api.at(`/${id}`),
    idempotencyKey: { header: 'Idempotency-Key' },
    failure: { succeeds: '$statusCode >= 200 && $statusCode < 300', actions: onFailure },
  };
}

const arazzo = (rest: Partial<Plan> = {}): Partial<Plan> => ({ semantics: 'arazzo', ...rest });

function keys(path?: string): string[] {
  const asked = api.seen.filter(({ url }) => path === undefined || url === path);
  return asked.flatMap(({ headers }) => headers['idempotency-key'] ?? []);
}

async function run(plan: Plan): Promise<string> {
  const callId = randomUUID();
  expect(await runTool(plan, { callId })).toMatchObject({ ok: true });
  return callId;
}

describe('the key of a step', () => {
  test('is made of the call and the step, and differs for another call', async () => {
    const plan = planOf([post('pay')]);
    const calls = [await run(plan), await run(plan)];
    expect(keys()).toEqual(calls.map((callId) => `${callId}.pay`));
  });

  test('is the same for all tries, however the earlier ones ended', async () => {
    api.answers = { '/pay': [busy, hangUp, json({})] };
    const callId = await run(planOf([post('pay', [{ do: 'retry' }])], {}, arazzo()));
    expect(keys()).toEqual(Array(3).fill(`${callId}.pay`));
  });

  test('is a new one when the run returns to the step, with tries that share it', async () => {
    api.answers = { '/pay': [busy, json({ more: true }), busy, json({ more: false })] };
    const again: ActionText[] = [{ do: 'goto', when: '$response.body.more == true', stepIndex: 0 }, { do: 'next' }];
    const callId = await run(planOf([{ ...post('pay', [{ do: 'retry' }]), actions: again }], {}, arazzo()));
    expect(keys()).toEqual([`${callId}.pay`, `${callId}.pay`, `${callId}.pay.2`, `${callId}.pay.2`]);
  });

  test('is the same in a workflow whose step is retried, because its steps may have been done before', async () => {
    api.answers = { '/look': [busy, json({}), json({})] };
    const look = { ...post('look'), method: 'GET' as const };
    const workflows = [workflowOf('order', [post('pay'), look])];
    const call = { id: 'order', call: { workflowIndex: 0 } };
    const failure = { succeeds: 'true', actions: [{ do: 'retry' as const }] };
    const steps = [
      { ...call, failure },
      { ...call, id: 'another' },
    ];
    const callId = await run(planOf(steps, {}, arazzo({ workflows })));
    expect(keys('/pay')).toEqual([`${callId}.order/pay`, `${callId}.order/pay`, `${callId}.another/pay`]);
  });

  test('is new each time for what a retry runs first, because that must be done again', async () => {
    api.answers = { '/pay': [busy, busy, json({})] };
    const workflows = [workflowOf('login', [post('login')])];
    const first = { workflowIndex: 0 };
    await run(planOf([post('pay', [{ do: 'retry', first }])], {}, arazzo({ workflows })));
    expect(new Set(keys('/login')).size).toBe(2);
    api.reset();
    api.answers = { '/pay': [busy, busy, json({})] };
    await run(planOf([post('login'), post('pay', [{ do: 'retry', first: { stepIndex: 0 } }])], {}, arazzo()));
    expect(new Set(keys('/login')).size).toBe(3);
    expect(new Set(keys('/pay')).size).toBe(1);
  });

  test('is never that of another step, whatever leads to it and whatever its name is', async () => {
    const workflows = [
      workflowOf('a', [post('a'), { ...post('b'), actions: [{ do: 'transfer', to: { workflowIndex: 1 } }] }]),
      workflowOf('b', [post('a'), post('b')], {}, { dependsOn: [{ workflowIndex: 2 }] }),
      workflowOf('c', [post('a')]),
    ];
    const odd = ['a.2', 'a/a', '.t', 'a.r1/a'].map((id) => ({ ...post(id), url: api.at('/odd') }));
    const call = { id: 'a', call: { workflowIndex: 0 } };
    const before = { ...call, id: 'b', failure: { succeeds: 'true', actions: [] } };
    await run(planOf([post('a'), { ...post('a'), id: 'c' }, ...odd, call, before], {}, arazzo({ workflows })));
    expect(keys()).toHaveLength(6 + 2 * 4 + 1);
    expect(new Set(keys()).size).toBe(keys().length);
  });

  test('has at most 255 characters, the most that APIs accept, and still differs for each step', async () => {
    const long = (last: string) => ({ ...post(`${'ä'.repeat(100)}${last}`), url: api.at('/long') });
    const callId = await run(planOf([long('a'), long('b')]));
    expect(keys().map((key) => key.length <= 255 && key.startsWith(`${callId}.`))).toEqual([true, true]);
    expect(new Set(keys()).size).toBe(2);
  });
});

test('a step without a key sends none', async () => {
  const { idempotencyKey: _, ...plain } = post('pay');
  await run(planOf([plain]));
  expect(api.paths()).toEqual(['/pay']);
  expect(keys()).toEqual([]);
});
