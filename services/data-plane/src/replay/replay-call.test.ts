import type { RequestListener } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { AppError, type Plan, recordingSchema } from '@toolplane/contracts';
import { startTelemetry } from '@toolplane/service-kit';
import { connectedPlan, field, refOf } from '../../test/connected-plan.ts';
import { createConnectionServices } from '../../test/connection-services.ts';
import { externalPlan } from '../../test/external-plan.ts';
import { startModernServer } from '../../test/external-servers.ts';
import { planOf, workflowOf } from '../../test/plan.ts';
import { recordRun, replay } from '../../test/record-run.ts';
import { client, internalErrors, secretOf } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import { systemClock } from '../execution/clock.ts';

let upstream: Upstream;
let answer: RequestListener;
/** The number of requests to the upstream when the run was recorded: a replay adds none. */
let seen: number;

beforeAll(async () => {
  upstream = await startUpstream((request, response) => answer(request, response));
});
beforeEach(() => {
  upstream.seen.length = 0;
  answer = json({});
});
afterEach(() => expect(internalErrors).toEqual([]));
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
  await client.close();
});

async function recorded(plan: Plan, run: Parameters<typeof recordRun>[1] = {}) {
  const recording = recordingSchema.parse(await recordRun(plan, run));
  seen = upstream.seen.length;
  return recording;
}

async function replayed(...args: Parameters<typeof replay>) {
  const result = await replay(...args);
  expect(upstream.seen).toHaveLength(seen);
  return result;
}

/** A plan whose request fails twice, and succeeds at the third attempt. */
const pay = (retriesMax = 3, when = '$response.status == 503') =>
  planOf(
    [
      {
        id: 'pay',
        method: 'POST',
        url: `${upstream.url}/pay/{$inputs.id}`,
        body: { amount: '$inputs.amount' },
        headers: { authorization: 'Bearer {$secrets.TOKEN}', 'x-custom': '{$secrets.TOKEN}' },
        query: { key: '$secrets.TOKEN', page: 'a' },
        secrets: ['TOKEN'],
        outputs: { number: '$response.body.number', echo: '$response.body.echo' },
        actions: [
          { do: 'retry', when, waitMs: 6_000, retriesMax },
          { do: 'end', when: '$response.status == 200' },
        ],
      },
    ],
    { number: '$steps.pay.outputs.number', echo: '$steps.pay.outputs.echo' },
    { deadlineMs: 300_000 },
  );
const paying = { inputs: { id: 'a b', amount: 12.5 }, secrets: { TOKEN: secretOf('canary-secret-of-the-api') } };

function failTwice(): void {
  let asked = 0;
  answer = (request, response) => {
    asked += 1;
    if (asked < 3) return json({ busy: true }, 503)(request, response);
    json({ number: asked, echo: request.headers['x-custom'] ?? null })(request, response);
  };
}

describe('against the plan that ran', () => {
  test('a call replays as recorded, without a request, a secret or a wait', async () => {
    failTwice();
    const recording = await recorded(pay(), paying);
    expect(JSON.stringify(recording)).not.toContain('canary');
    expect(recording.answers.map(({ step, attempt, response }) => [step, attempt, response?.status])).toEqual([
      ['pay', 1, 503],
      ['pay', 2, 503],
      ['pay', 3, 200],
    ]);
    const result = await replayed(pay(), recording);
    expect(result.differences).toEqual([]);
    expect(result).toMatchObject({ matches: true, outcome: 'done' });
    expect(result.outputs).toEqual({ number: 3, echo: '[secret:TOKEN]' });
  });

  test('the trace shows for every decision which criterion had which result', async () => {
    failTwice();
    const { trace } = await replayed(pay(), await recorded(pay(), paying));
    const decisions = trace.children.flatMap((step) =>
      step.children.flatMap((child) => (child.type === 'action.run' ? [child] : [])),
    );
    expect(decisions).toMatchObject([
      { action: { type: 'retry', wait_ms: 6_000 }, decision: { chosen: 0 } },
      { action: { type: 'retry' } },
      {
        action: { type: 'end' },
        decision: {
          chosen: 1,
          actions: [
            { type: 'retry', matches: false, criteria: [{ holds: false }] },
            { type: 'end', matches: true, criteria: [{ holds: true }] },
          ],
        },
      },
    ]);
  });

  test('the same recording gives the same differences, trace and outputs (rule 148)', async () => {
    failTwice();
    const recording = await recorded(pay(), paying);
    const timeless = (value: unknown) => JSON.stringify(value).replaceAll(/"duration_ms":[\d.]+/g, '');
    const [one, other] = [await replayed(pay(1), recording), await replayed(pay(1), recording)];
    expect(timeless(one)).toBe(timeless(other));
  });

  test('workflows, parallel steps and repeated steps each get their own answers', async () => {
    let asked = 0;
    answer = (request, response) => {
      asked += 1;
      json({ path: request.url ?? '', count: asked })(request, response);
    };
    const get = (path: string) => ({ url: `${upstream.url}/${path}`, outputs: { count: '$response.body.count' } });
    const plan = planOf(
      [
        { id: 'a', ...get('a') },
        { id: 'b', ...get('b'), isParallel: true },
        { id: 'sub', call: { workflowIndex: 0 }, outputs: { count: '$outputs.count' } },
        {
          id: 'again',
          ...get('again'),
          actions: [{ do: 'goto', stepIndex: 2, when: '$response.body.count < 6' }, { do: 'end' }],
        },
      ],
      { a: '$steps.a.outputs.count', b: '$steps.b.outputs.count', again: '$steps.again.outputs.count' },
      { workflows: [workflowOf('inner', [{ id: 'a', ...get('inner') }], { count: '$steps.a.outputs.count' })] },
    );
    const recording = await recorded(plan);
    expect(recording.answers.map(({ step }) => step).sort()).toEqual(['a', 'again', 'again', 'b', 'sub/a', 'sub/a']);
    expect((await replayed(plan, recording)).differences).toEqual([]);
  });

  test('a failed call fails again in the same way: as unknown, by a deadline, without a secret', async () => {
    answer = (_request, response) => void response.destroy();
    const lost = planOf([{ url: `${upstream.url}/x` }]);
    const gone = await recorded(lost);
    expect(gone.outcome).toBe('unknown');
    expect(await replayed(lost, gone)).toMatchObject({ matches: true, outcome: 'unknown' });

    answer = () => {};
    const slow = planOf([{ url: `${upstream.url}/x` }], {}, { deadlineMs: 50 });
    const late = await recorded(slow);
    expect(await replayed(slow, late)).toMatchObject({ matches: true, error: { code: 'deadline_exceeded' } });

    const secretless = await recorded(pay(), { ...paying, secrets: {} });
    expect(await replayed(pay(), secretless)).toMatchObject({
      matches: true,
      outcome: 'not_started',
      error: { code: 'secret_missing' },
    });
  });

  test('a request that was repeated with rotated secrets is repeated again, and a mere refusal is not', async () => {
    answer = (request, response) =>
      json({}, request.headers['x-key'] === 'the-newest-secret' ? 200 : 401)(request, response);
    const plan = planOf([
      {
        url: `${upstream.url}/x`,
        headers: { 'x-key': '$secrets.KEY' },
        secrets: ['KEY'],
        outputs: { status: '$response.status' },
      },
    ]);
    const values = ['an-older-secret', 'the-newest-secret'];
    const secrets = {
      get: async () => secretOf(values.shift() ?? 'the-newest-secret'),
      expire: () => {},
    };
    const rotated = await recorded(plan, { services: { secrets } });
    expect(rotated.answers.map(({ index = 0, response }) => [index, response?.status])).toEqual([
      [0, 401],
      [1, 200],
    ]);
    expect((await replayed(plan, rotated)).differences).toEqual([]);
    const refused = await recorded(plan, { secrets: { KEY: secretOf('a-wrong-secret') } });
    expect((await replayed(plan, refused)).differences).toEqual([]);
  });

  test('inputs that are passwords stay masked and are masked where they are sent', async () => {
    answer = json({ ok: true });
    const plan = planOf([{ method: 'POST', url: `${upstream.url}/x`, body: { words: ['$inputs.password'] } }]);
    const recording = await recorded(plan, { inputs: { password: 'canary-password' }, hiddenInputs: ['/password'] });
    expect(JSON.stringify(recording)).not.toContain('canary');
    expect((await replayed(plan, recording)).differences).toEqual([]);
  });

  test('credentials of a connection are placeholders; fields that are not secret may have any value', async () => {
    answer = json({ items: [1] });
    const plan = connectedPlan({
      url: `${upstream.url}/x`,
      headers: { 'x-api-key': '{api_key}', authorization: 'Bearer {access_token}' },
      query: { team: 'of {team}!', k: '{api_key}' },
      authentication: {
        fields: [
          field('api_key'),
          field('client_id', { isSecret: false }),
          field('client_secret'),
          field('team', { isSecret: false }),
        ],
        token: { grant: 'authorization_code', tokenUrl: `${upstream.url}/token`, scopes: [], clientAuth: 'basic' },
      },
    });
    const services = createConnectionServices(client);
    const fields = { api_key: 'canary-key', client_id: 'id', client_secret: 'canary-client', team: 'seven' };
    await services.put(refOf('workspace', 'ws'), { fields, grant: { accessToken: 'canary-token' } });
    const recording = await recorded(plan, { services });
    expect(recording).toMatchObject({ outcome: 'done', answers: [{ request: { query: { team: 'of seven!' } } }] });
    expect(JSON.stringify(recording)).not.toContain('canary');
    expect((await replayed(plan, recording)).differences).toEqual([]);
  });
});

describe('against another plan', () => {
  test('another condition leads elsewhere, and the difference is located precisely', async () => {
    failTwice();
    const result = await replayed(pay(3, '$response.status == 500'), await recorded(pay(), paying));
    expect(result.matches).toBe(false);
    expect(result.differences).toMatchObject([
      { kind: 'error', step: 'pay', attempt: 1, replayed: 'no_action_matched' },
      { kind: 'action', step: 'pay', attempt: 1, recorded: { type: 'retry' } },
      { kind: 'unasked', step: 'pay', attempt: 2 },
      { kind: 'unasked', step: 'pay', attempt: 3 },
      { kind: 'error', replayed: 'no_action_matched' },
      { kind: 'outputs', pointer: '', recorded: { number: 3 } },
    ]);
  });

  test('another request is reported as a difference between recorded and replayed, without secrets', async () => {
    failTwice();
    const recording = await recorded(pay(), paying);
    const other = pay();
    const text = JSON.stringify(other).replaceAll('"page"', '"side"');
    const result = await replayed(JSON.parse(text), recording);
    expect(result.differences.filter(({ attempt }) => attempt === 1)).toMatchObject([
      { kind: 'request', step: 'pay', pointer: '/query/page', recorded: 'a' },
      { kind: 'request', step: 'pay', pointer: '/query/side', replayed: 'a' },
    ]);
    expect(JSON.stringify(result)).not.toContain('replayed_');
  });

  test('a step without a recorded answer ends the replay there', async () => {
    answer = json({ n: 1 });
    const one = planOf([{ id: 'one', url: `${upstream.url}/1` }]);
    const two = planOf([
      { id: 'one', url: `${upstream.url}/1` },
      { id: 'two', url: `${upstream.url}/2` },
    ]);
    const result = await replayed(two, await recorded(one));
    expect(result).toMatchObject({
      matches: false,
      outcome: 'diverged',
      differences: [
        { kind: 'unanswered', step: 'two', attempt: 1, message: 'The recording has no answer for this request' },
      ],
    });
    expect(result).not.toHaveProperty('error');
  });

  test('more tries than were recorded end the replay at the first extra one', async () => {
    answer = json({}, 503);
    const recording = await recorded(pay(1), paying);
    expect(await replayed(pay(3), recording)).toMatchObject({
      outcome: 'diverged',
      differences: [
        { kind: 'error', attempt: 2 },
        { kind: 'action', attempt: 2 },
        { kind: 'unanswered', attempt: 3 },
      ],
    });
  });
});

describe('a recording that was edited by hand', () => {
  const plan = () =>
    planOf([{ id: 'get', url: `${upstream.url}/x`, outputs: { n: '$response.body.n' } }], {
      n: '$steps.get.outputs.n',
    });

  test('replays with the edited answer', async () => {
    answer = json({ n: 1 });
    const recording = await recorded(plan());
    const [only] = recording.answers;
    if (only?.response !== undefined) only.response.body = { n: 2 };
    const result = await replayed(plan(), recording);
    expect(result.outputs).toEqual({ n: 2 });
    expect(result.differences).toMatchObject([
      { kind: 'outputs', step: 'get', pointer: '/n', recorded: 1, replayed: 2 },
      { kind: 'outputs', pointer: '/n', recorded: 1, replayed: 2 },
    ]);
  });

  test('has no answer where it was truncated, until somebody completes it', async () => {
    const rows = Array.from({ length: 3000 }, (_, index) => `row ${index}`);
    answer = json({ n: 1, rows });
    const recording = await recorded(plan());
    expect(recording.answers[0]?.cut).toEqual(['response.body']);
    expect(await replayed(plan(), recording)).toMatchObject({
      outcome: 'diverged',
      differences: [{ kind: 'unanswered', step: 'get', message: /only a part/ }],
    });
    const [only] = recording.answers;
    if (only?.response !== undefined) only.response.body = { n: 1, rows };
    delete only?.cut;
    expect(await replayed(plan(), recording)).toMatchObject({ matches: true });
  });
});

test('a call of an external server replays as recorded, without a message to the server', async () => {
  const server = await startModernServer((it) => {
    it.registerTool('greet', {}, () => ({
      content: [{ type: 'text', text: 'hello' }],
      structuredContent: { hello: 1 },
    }));
  });
  const plan = externalPlan(server, { kind: 'tool', name: 'greet' }, { era: 'modern', transport: 'http' });
  const recording = await recordRun(plan, { inputs: { who: 'Ann' }, clock: systemClock });
  const asked = server.asked.length;
  await server[Symbol.asyncDispose]();
  expect(recording).toMatchObject({ outcome: 'done', answers: [{ step: 'other', response: { status: 200 } }] });
  expect(await replay(plan, recording)).toMatchObject({ matches: true, outputs: { hello: 1 } });
  expect(server.asked).toHaveLength(asked);
});

test('a replay creates no spans, because it sends nothing', async () => {
  await using collector = await startUpstream(json({}));
  failTwice();
  const recording = await recordRun(pay(), paying);
  const telemetry = await startTelemetry('data-plane', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  expect(await replay(pay(), recording)).toMatchObject({ matches: true });
  await telemetry?.[Symbol.asyncDispose]();
  trace.disable();
  expect(collector.seen).toEqual([]);
});

test('a replay ends when the command that requested it does', async () => {
  answer = json({});
  const plan = planOf([{ url: `${upstream.url}/x` }]);
  const recording = await recorded(plan);
  const result = await replay(plan, recording, AbortSignal.abort(new AppError('cancelled', 'Over')));
  expect(result.matches).toBe(false);
});
