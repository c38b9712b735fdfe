import { describe, expect, test } from '@jest/globals';
import {
  assembleTrace,
  type DebugEvent,
  type FlowRun,
  flowRunSchema,
  type StepRun,
  succeeded,
} from '@toolplane/contracts';
import { planOf, workflowOf } from '../../test/plan.ts';
import { runTool } from '../../test/run-tool.ts';
import { useScriptedApi } from '../../test/scripted-api.ts';
import { traceTool } from '../../test/trace-tool.ts';
import { json } from '../../test/upstream.ts';
import { createRunTrace } from './run-trace.ts';

const api = useScriptedApi();

const stepsOf = ({ children }: FlowRun) => children as StepRun[];

describe('the trace of a run', () => {
  test('is a tree of its flow, its steps and their actions, with what was sent and received (Flower §5)', async () => {
    api.answers['/users?q=a'] = [json({ id: 7 })];
    const plan = planOf(
      [
        { id: 'find', url: api.at('/users'), query: { q: '$inputs.name' }, outputs: { id: '$response.body.id' } },
        { id: 'save', method: 'POST', url: api.at('/save'), body: { id: '$steps.find.outputs.id' } },
      ],
      { id: '$steps.find.outputs.id' },
    );
    const { outcome, tree } = await traceTool(plan, { inputs: { name: 'a' } });
    expect(outcome).toMatchObject({ ok: true, value: { id: 7 } });
    expect(flowRunSchema.parse(tree)).toEqual({
      type: 'flow.run',
      flow_id: 'tool',
      duration_ms: expect.any(Number),
      outcome: 'done',
      inputs: { name: 'a' },
      outputs: { id: 7 },
      children: [
        expect.objectContaining({
          type: 'step.run',
          step_id: 'find',
          attempt: 1,
          duration_ms: expect.any(Number),
          outputs: { id: 7 },
          request: { method: 'GET', url: api.at('/users?q=a'), query: { q: 'a' }, headers: expect.any(Object) },
          response: { status: 200, headers: expect.any(Object), body: { id: 7 } },
          children: [{ type: 'action.run', duration_ms: 0, action: { type: 'next' } }],
        }),
        expect.objectContaining({
          step_id: 'save',
          request: expect.objectContaining({ method: 'POST', body: { id: 7 } }),
        }),
      ],
    });
  });

  test('shows every try, the wait between them, and its reason: each criterion that was evaluated', async () => {
    api.answers['/busy'] = [json({ state: 'busy' }, 503), json({ state: 'ready' })];
    const plan = planOf([
      {
        id: 'ask',
        url: api.at('/busy'),
        actions: [
          { do: 'end', when: '$statusCode == 200 && $response.body.state == "done"' },
          { do: 'retry', when: '$statusCode == 503', waitMs: 250, retriesMax: 1 },
          { do: 'next', when: '$statusCode == 200' },
        ],
      },
    ]);
    const { tree } = await traceTool(plan);
    const [first, second] = stepsOf(tree);
    expect(first?.children[0]).toEqual({
      type: 'action.run',
      duration_ms: 250,
      action: { type: 'retry', wait_ms: 250 },
      decision: {
        has_succeeded: true,
        actions: [
          {
            type: 'end',
            matches: false,
            criteria: [
              { kind: 'condition', holds: false },
              { kind: 'condition', holds: false },
            ],
          },
          { type: 'retry', matches: true, criteria: [{ kind: 'condition', holds: true }] },
          { type: 'next', matches: false, criteria: [{ kind: 'condition', holds: false }] },
        ],
        chosen: 1,
      },
    });
    expect(second).toMatchObject({ attempt: 2, response: { body: { state: 'ready' } } });
    expect(second?.children[0]).toMatchObject({
      decision: {
        chosen: 2,
        actions: [
          {
            criteria: [
              { kind: 'condition', holds: true },
              { kind: 'condition', holds: false },
            ],
          },
          { is_spent: true },
          {},
        ],
      },
    });
  });

  test('shows for a failure the results of its criteria, and the error that the caller got', async () => {
    api.answers['/gone'] = [json({ reason: 'gone' }, 410)];
    const failure = { succeeds: '$statusCode == 200', actions: [{ do: 'fail' as const }] };
    const { outcome, tree } = await traceTool(planOf([{ id: 'ask', url: api.at('/gone'), failure }]));
    expect(outcome).toMatchObject({ ok: false, error: { code: 'step_failed' } });
    expect(tree).toMatchObject({ outcome: 'done', error: { code: 'step_failed' } });
    expect(stepsOf(tree)[0]).toMatchObject({
      response: { status: 410, body: { reason: 'gone' } },
      error: { code: 'step_failed' },
      children: [],
      decision: {
        has_succeeded: false,
        chosen: 0,
        success_criteria: [{ kind: 'condition', holds: false }],
      },
    });
  });

  test('has an entry for a request that got no answer, with its error', async () => {
    api.answers['/cut'] = [(_request, response) => response.destroy()];
    const { tree } = await traceTool(planOf([{ id: 'ask', url: api.at('/cut') }]));
    const [step] = stepsOf(tree);
    expect(step).toMatchObject({ request: { url: api.at('/cut') }, error: { code: 'upstream_unreachable' } });
    expect(step?.response).toBeUndefined();
  });

  test('has a called workflow inside the step that called it', async () => {
    const plan = planOf(
      [
        { id: 'outer', call: { workflowIndex: 0, inputs: { n: 1 } }, outputs: { got: '$outputs.a' } },
        { id: 'after', url: api.at('/after') },
      ],
      {},
      { workflows: [workflowOf('other', [{ id: 'inner', url: api.at('/inner') }])] },
    );
    const { tree } = await traceTool(plan);
    const [outer, after] = stepsOf(tree);
    expect(outer?.children[0]).toMatchObject({
      type: 'flow.run',
      flow_id: 'other',
      inputs: { n: 1 },
      children: [{ type: 'step.run', step_id: 'inner', request: { url: api.at('/inner') } }],
    });
    expect(after).toMatchObject({ step_id: 'after' });
  });

  test('does not change the run', async () => {
    const plan = planOf([{ id: 'a', url: api.at('/x'), outputs: { path: '$response.body.path' } }], {
      path: '$steps.a.outputs.path',
    });
    expect((await traceTool(plan)).outcome).toEqual(await runTool(plan));
  });
});

test('parallel steps are reported each with its own requests', async () => {
  const plan = planOf([
    { id: 'a', url: api.at('/a') },
    { id: 'b', url: api.at('/b'), isParallel: true },
    { id: 'c', url: api.at('/c'), isParallel: true },
  ]);
  const { tree } = await traceTool(plan);
  const reported = stepsOf(tree).map(({ step_id, response }) => [step_id, response?.body]);
  expect(Object.fromEntries(reported)).toEqual({ a: { path: '/a' }, b: { path: '/b' }, c: { path: '/c' } });
});

test('events arrive in order, and give the same tree in any order', async () => {
  const { events, tree } = await traceTool(planOf([{ url: api.at('/a') }, { url: api.at('/b') }]));
  expect(events.map(({ kind, seq }) => `${seq} ${kind}`)).toEqual(
    ['call', 'exchange', 'step', 'exchange', 'step', 'end'].map((kind, seq) => `${seq} ${kind}`),
  );
  expect(assembleTrace([...events].reverse())).toEqual(tree);
  expect(assembleTrace([...events, ...events, { kind: 'lost', at: 1, events: 2 }], 'call')).toEqual(tree);
  expect(assembleTrace(events, 'another')).toBeUndefined();
});

test('the trace of a running call shows what has happened so far', async () => {
  const { events } = await traceTool(
    planOf([
      { id: 'a', url: api.at('/a') },
      { id: 'b', url: api.at('/b') },
    ]),
  );
  const tree = assembleTrace(events.slice(0, 4));
  expect(tree?.children.map((child) => (child as StepRun).step_id)).toEqual(['a', 'b']);
  expect(tree?.outcome).toBeUndefined();
});

test('an excessively long run is reported up to its thousandth event, and its end (B124)', () => {
  const reported: DebugEvent[] = [];
  const options = { callId: 'call', planDigest: 'digest', caller: 'key', keeps: true } as const;
  const trace = createRunTrace({ ...options, report: (event) => reported.push(event) });
  for (let attempt = 1; attempt <= 10_000; attempt++) {
    trace.startAttempt({ path: '', stepId: 'a', attempt, scope: {} }).end(undefined);
  }
  trace.end(succeeded({}));
  expect(reported).toHaveLength(1001);
  expect(reported.at(-1)).toMatchObject({ kind: 'end', events_left_out: 9000 });
  expect(trace.assemble()?.children).toHaveLength(1000);
});

test('the debugger’s tree has no bodies beyond the first megabyte', async () => {
  api.answers['/long'] = [json({ text: 'x'.repeat(15_000) })];
  const steps = Array.from({ length: 80 }, (_, index) => ({ id: `s${index}`, url: api.at('/long') }));
  const { tree } = await traceTool(planOf(steps));
  expect(JSON.stringify(tree).length).toBeLessThan(1.2 * 1024 * 1024);
  const [first, last] = [stepsOf(tree)[0], stepsOf(tree).at(-1)];
  expect(first?.response?.body).toBeDefined();
  expect([last?.response, last?.cut]).toEqual([{ status: 200, headers: expect.any(Object) }, ['response.body']]);
});
