import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Json, Outcome, Template } from '@toolplane/contracts';
import { parsePicked } from '@toolplane/expressions';
import { type ConnectedPlan, connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { type ConnectionServices, createConnectionServices } from '../../../test/connection-services.ts';
import { planOf } from '../../../test/plan.ts';
import { client, internalErrors, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

/* Tests what the caller of a connector's tool learns when the API refuses. */

const CANARY = 'sk_canary_0123456789';

let api: Upstream;
let answer: Parameters<typeof startUpstream>[0];
let services: ConnectionServices;

beforeAll(async () => {
  api = await startUpstream((request, response) => answer(request, response));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(async () => {
  services = createConnectionServices(client, { now: () => 1_000_000 });
  await services.put(refOf('organization'), { fields: { api_key: CANARY } });
});
afterEach(() => expect(internalErrors).toEqual([]));

const authentication = { fields: [field('api_key')] };

function call(rest: Partial<ConnectedPlan> = {}): Promise<Outcome> {
  const plan = { url: `${api.url}/x`, headers: { 'x-api-key': '{api_key}' }, authentication, ...rest };
  return runTool(connectedPlan(plan), { services });
}

/** Calls with an explanation that is taken from the body. */
function callExplained(explanation: Template): Promise<Outcome> {
  const plan = connectedPlan({ url: `${api.url}/x`, headers: { 'x-api-key': '{api_key}' }, authentication });
  const steps = plan.steps.map((step) => ({ ...step, failure: step.failure && { ...step.failure, explanation } }));
  return runTool({ ...plan, steps }, { services });
}

const pick = (text: string) => parsePicked(text, ['response', 'body']);

async function messageOf(outcome: Promise<Outcome>): Promise<string> {
  const it = await outcome;
  return it.ok ? 'no error' : it.error.message;
}

describe('an unsuccessful answer is described by what the API said, without mention of steps', () => {
  test.each([
    [409, 'The API answered with status 409 (Conflict)'],
    [404, 'The API answered with status 404 (Not Found)'],
    [503, 'The API answered with status 503 (Service Unavailable)'],
    [599, 'The API answered with status 599'],
    [401, 'The API refused the credentials (status 401)'],
    [403, 'The API refused the credentials (status 403)'],
  ])('%i', async (status, message) => {
    answer = json({ error: 'canary of the body' }, status);
    expect(await call()).toEqual({ ok: false, outcome: 'done', error: { code: 'step_failed', message, status } });
  });

  test('without credentials the message does not say that they were refused', async () => {
    answer = json({}, 401);
    expect(await messageOf(call({ authentication: 'none', headers: {} }))).toBe(
      'The API answered with status 401 (Unauthorized)',
    );
  });

  test('a plan of several steps names the step, and a plan without a connection is unaffected', async () => {
    answer = json({}, 409);
    const failure = { succeeds: '$response.status == 200', actions: [] };
    const { connection } = connectedPlan({ url: api.url, authentication: 'none' });
    const steps = [
      { id: 'one', url: api.url, failure },
      { id: 'two', url: api.url },
    ];
    expect(
      await runTool(planOf(steps, {}, connection === undefined ? {} : { connection }), { services }),
    ).toMatchObject({
      error: { message: 'The API answered with status 409 (Conflict)', stepId: 'one' },
    });
    expect(await runTool(planOf(steps))).toMatchObject({
      error: { message: expect.stringContaining('its success criteria'), stepId: 'one' },
    });
  });
});

describe('the API’s explanation', () => {
  const conflict = 'The API answered with status 409 (Conflict)';

  test.each<[string, Json, string, string]>([
    ['a text', { message: 'Seat 12 is taken' }, 'message', ': Seat 12 is taken'],
    ['a number', { code: 4711 }, 'code', ': 4711'],
    ['a list', { errors: ['a', 1] }, 'errors', ': ["a",1]'],
    ['an object', { error: { id: 'x' } }, 'error', ': {"id":"x"}'],
    ['nothing', {}, 'message', ''],
    ['an empty text', { message: '' }, 'message', ''],
    ['only space', { message: ' \n\t ' }, 'message', ''],
    ['null', { message: null }, 'message', ''],
    ['a body that is a text', 'Taken', '@', ': Taken'],
  ])('is added: %s', async (_name, body, expression, added) => {
    answer = json(body, 409);
    expect(await messageOf(callExplained(pick(expression)))).toBe(conflict + added);
  });

  test('is one line of at most 500 characters', async () => {
    answer = json({ message: `a\r\n\u0000\u001b[31m\u2028b${'é'.repeat(1000)}` }, 409);
    const message = await messageOf(callExplained(pick('message')));
    expect(message).toBe(`${conflict}: a [31m b${'é'.repeat(491)}…`);
    expect(message.length - `${conflict}: `.length).toBe(500);
  });

  test('is never cut inside a character', async () => {
    answer = json({ message: `${'x'.repeat(498)}😀😀` }, 409);
    expect(await messageOf(callExplained(pick('message')))).toBe(`${conflict}: ${'x'.repeat(498)}…`);
  });

  test('never contains a secret, or a part of one at the cut', async () => {
    answer = json({ errors: [{ said: `key ${CANARY} is bad` }, 'x'.repeat(443) + CANARY] }, 401);
    const message = await messageOf(callExplained(pick('errors')));
    expect(message).toMatch(
      /^The API refused the credentials \(status 401\): \[\{"said":"key \[secret:api_key\] is bad"/,
    );
    expect(message).not.toContain('canary');
    answer = json({ message: 'x'.repeat(495) + CANARY }, 409);
    expect(await messageOf(callExplained(pick('message')))).toBe(`${conflict}: ${'x'.repeat(495)}[sec…`);
  });

  test.each<[string, Template]>([
    ['a text without its value', { kind: 'text', parts: ['no ', { path: ['response', 'body', 'x'] }], strict: true }],
    ['too much', { kind: 'text', parts: Array(3000).fill({ path: ['response', 'body', 'message'] }) }],
  ])('is left out when it cannot be built: %s', async (_name, explanation) => {
    answer = json({ message: 'x'.repeat(10_000) }, 409);
    expect(await messageOf(callExplained(explanation))).toBe(conflict);
  });

  test('is added only to a failure', async () => {
    answer = json({ message: 'fine' });
    expect(await callExplained(pick('message'))).toMatchObject({ ok: true, value: { result: { message: 'fine' } } });
  });

  test('is that of the page that failed', async () => {
    answer = json({ message: 'No such page' }, 404);
    const pagination = { type: 'page', parameter: 'page', items: pick('@'), pagesMax: 2 } as const;
    const { steps } = connectedPlan({ url: api.url });
    const failure = steps[0]?.failure;
    const step = failure === undefined ? {} : { failure: { ...failure, explanation: pick('message') } };
    expect(await messageOf(call({ pagination, step }))).toBe(
      'The API answered with status 404 (Not Found): No such page',
    );
  });
});

describe('an answer that claims to be JSON but is not', () => {
  const broken = (status: number, type: string): typeof answer => {
    return (_, response) => response.writeHead(status, { 'content-type': type }).end('{nope');
  };
  const failure = {
    ok: false,
    outcome: 'done',
    error: { code: 'upstream_bad_response', message: "The API's answer is not valid JSON", status: 200 },
  };

  test.each(['application/json', 'application/problem+json; charset=utf-8', 'Application/JSON;x=y'])(
    'is an error: %s',
    async (type) => {
      answer = broken(200, type);
      expect(await call()).toEqual(failure);
      const pagination = { type: 'page', parameter: 'page', items: pick('@'), pagesMax: 2 } as const;
      expect(await call({ pagination })).toEqual(failure);
    },
  );

  test.each(['text/plain', 'application/json-seq', 'application/octet-stream'])(
    'counts as text with another type: %s',
    async (type) => {
      answer = broken(200, type);
      expect(await call()).toMatchObject({ ok: true, value: { result: '{nope' } });
    },
  );

  test('is treated as before if it is empty, has no type or is an error', async () => {
    answer = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end();
    expect(await call()).toMatchObject({ ok: true, value: { result: null } });
    answer = (_, response) => response.end('{nope');
    expect(await call()).toMatchObject({ ok: true, value: { result: '{nope' } });
    answer = broken(500, 'application/json');
    expect(await messageOf(callExplained(pick('@')))).toBe(
      'The API answered with status 500 (Internal Server Error): {nope',
    );
  });

  test('changes nothing where the answer is not used, or in a plan without a connection', async () => {
    answer = broken(200, 'application/json');
    expect(await call({ step: { outputs: [] }, plan: { outputs: [] } })).toMatchObject({ ok: true, value: {} });
    const plan = planOf([{ id: 's', url: api.url }], { result: '$steps.s.response.body' });
    expect(await runTool(plan)).toMatchObject({ ok: true, value: { result: '{nope' } });
  });
});
