import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Json, Outcome, Plan } from '@toolplane/contracts';
import { planOf, templateOf } from '../../test/plan.ts';
import { internalErrors, runTool } from '../../test/run-tool.ts';
import { traceTool } from '../../test/trace-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

/*
 * A document of some kilobytes can name a response of some megabytes many times. The values that these plans require
 * would take all memory, or a minute, if they were built before they are measured.
 */
const answer = Array.from({ length: 40_000 }, (_, id) => ({ id, name: 'x'.repeat(40) }));
/** The limit of CPU time, because a busy machine takes longer in real time. */
const CPU_MS_MAX = 3000;

let api: Upstream;
let start: NodeJS.CpuUsage;
beforeAll(async () => {
  api = await startUpstream((request, response) => json(answer)(request, response));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  start = process.threadCpuUsage();
});
afterEach(() => {
  api.seen.length = 0;
  expect(internalErrors).toEqual([]);
  const { user, system } = process.threadCpuUsage(start);
  expect((user + system) / 1000).toBeLessThan(CPU_MS_MAX);
});

type Steps = Parameters<typeof planOf>[0];

const whole = '$steps.s.response.body';
const many = (value: Json, count = 200): Json[] => Array.from({ length: count }, () => value);
const named = (value: Json) => Object.fromEntries(many(value).map((each, index) => [`name${index}`, each]));

function run(next: Steps, outputs: Record<string, Json> = {}, rest: Partial<Plan> = {}): Promise<Outcome> {
  return runTool(planOf([{ id: 's', url: `${api.url}/x` }, ...next], outputs, rest));
}

describe('evaluating an answer to the caller', () => {
  test.each<[string, Record<string, Json>, Partial<Plan>]>([
    ['texts', {}, { content: templateOf(many({ type: 'text', text: `{${whole}}`.repeat(20) })) }],
    ['texts of blocks', {}, { content: templateOf(many({ type: 'text', text: whole })) }],
    ['members of blocks', {}, { content: templateOf(many({ type: 'text', text: '', _meta: whole })) }],
    ['outputs', named(whole), {}],
    ['a list', { list: many(whole) }, {}],
    ['JMESPath', { list: many(`${whole}[].{a: @, b: id}`) }, {}],
    ['an item of a page', { list: many(many(whole)) }, { pagedOutput: 'list' }],
    ['outputs beside a page', { list: [], other: many(whole) }, { pagedOutput: 'list' }],
  ])('stops early: %s', async (_name, outputs, rest) => {
    expect(await run([], outputs, rest)).toMatchObject({ outcome: 'done', error: { code: 'output_too_large' } });
  });
});

describe('a request', () => {
  const head = 'URL and headers of the request are too large';
  const body = 'The body of the request is too large';
  const isForm = { 'content-type': 'application/x-www-form-urlencoded' };

  test.each<[string, Partial<Steps[number]>, string]>([
    ['URL', { url: `https://a.test/?q=${whole}` }, head],
    ['query', { query: named(whole) }, head],
    ['query of lists', { query: { q: many(whole) } }, head],
    ['headers', { headers: named(`a ${whole}`) }, head],
    ['text body', { body: `{${whole}}`.repeat(50) }, body],
    ['JSON body', { body: many(whole) }, body],
    ['form', { body: named(whole), headers: isForm }, body],
  ])('is not sent: %s', async (_name, request, message) => {
    expect(await run([{ id: 'next', method: 'POST', url: `${api.url}/y`, ...request }])).toMatchObject({
      outcome: 'done',
      error: { code: 'invalid_upstream_request', message, stepId: 'next' },
    });
    expect(api.seen).toHaveLength(1);
  });
});

describe('evaluating the outputs of a step', () => {
  test.each<[string, Record<string, Json>]>([
    ['texts', named(`a ${whole}`)],
    ['texts of texts', { a: `a ${whole}`, b: '$outputs.a$outputs.a', c: '{$outputs.b}'.repeat(20) }],
    ['lists of lists', { a: many(whole), b: many('$outputs.a'), c: 'a $outputs.b' }],
    ['JMESPath', named(`${whole}[].{a: @, b: id}`)],
  ])('stops early: %s', async (_name, outputs) => {
    expect(await run([{ id: 'next', url: `${api.url}/y`, outputs }])).toMatchObject({
      outcome: 'done',
      error: { code: 'response_too_large', stepId: 'next' },
    });
  });
});

test('evaluating conditions stops early', async () => {
  const when = many(`${whole} == $response.body`, 50).join(' && ');
  const step = { id: 'next', url: `${api.url}/y`, actions: [{ do: 'end' as const, when }] };
  expect(await run([step])).toMatchObject({ error: { code: 'expression_failed', stepId: 'next' } });
});

test('and so does evaluating them for a debugger, however many there are', async () => {
  const criteria = many(`$response.body == ${whole}`, 50).join(' && ');
  const actions = Array.from({ length: 50 }, () => ({ do: 'end' as const, when: criteria }));
  const plan = planOf([
    { id: 's', url: `${api.url}/x` },
    { id: 'next', url: `${api.url}/y`, actions: [{ do: 'next' }, ...actions] },
  ]);
  const { outcome, tree } = await traceTool(plan);
  expect(outcome).toMatchObject({ ok: true });
  expect(JSON.stringify(tree)).toContain('"holds":"error"');
});

test('the decision that led a run somewhere is reported as it was, even if other criteria are too costly', async () => {
  const criteria = many(`$response.body == ${whole}`, 50).join(' && ');
  const passedOver = Array.from({ length: 50 }, () => ({
    do: 'end' as const,
    when: `$statusCode == 999 && ${criteria}`,
  }));
  const plan = planOf([
    { id: 's', url: `${api.url}/x` },
    { id: 'next', url: `${api.url}/y`, actions: [...passedOver, { do: 'next', when: '$statusCode == 200' }] },
  ]);
  const { outcome, tree } = await traceTool(plan);
  expect(outcome).toMatchObject({ ok: true });
  expect(JSON.stringify(tree)).toContain('"chosen":50');
});
