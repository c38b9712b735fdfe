import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json, Outcome, Plan } from '@toolplane/contracts';
import fc from 'fast-check';
import { planOf, templateOf } from '../../test/plan.ts';
import { internalErrors, runTool, secretOf } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

let items: Json;
let api: Upstream;
beforeAll(async () => {
  api = await startUpstream((request, response) => json({ items })(request, response));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.seen.length = 0;
  expect(internalErrors).toEqual([]);
});

function pagedPlan(outputBytesMax: number, rest: Partial<Plan> = {}): Plan {
  const outputs = { before: 'é', items: '$steps.s.response.body.items' };
  return planOf([{ id: 's', url: `${api.url}/x` }], outputs, { outputBytesMax, pagedOutput: 'items', ...rest });
}

function pageOf(outcome: Outcome): { items: Json[]; next_cursor: string | null } {
  if (!outcome.ok || outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.value as { items: Json[]; next_cursor: string | null };
}

async function collect(plan: Plan): Promise<Json[]> {
  const collected: Json[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const outcome: Outcome = await runTool(plan, { inputs: cursor === '' ? {} : { cursor } });
    const value = pageOf(outcome);
    expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThanOrEqual(plan.outputBytesMax);
    collected.push(...value.items);
    cursor = value.next_cursor;
  }
  return collected;
}

describe('a paged output', () => {
  test('is complete when it fits, and then there is no next cursor', async () => {
    items = [1, 2, 3];
    expect(await runTool(pagedPlan(1000))).toMatchObject({
      value: { before: 'é', items: [1, 2, 3], next_cursor: null },
    });
  });

  test('of a workflow is left out when it refers to nothing', async () => {
    items = null;
    const outputs = { items: '$steps.s.response.body.others' };
    const rest: Partial<Plan> = { semantics: 'arazzo', outputBytesMax: 100, pagedOutput: 'items' };
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], outputs, rest);
    expect(await runTool(plan)).toMatchObject({ outcome: 'done', value: { next_cursor: null } });
    expect(pageOf(await runTool(plan))).not.toHaveProperty('items');
  });

  test('is cut to what fits, and the cursor continues there', async () => {
    items = Array.from({ length: 12 }, (_, index) => `item ${index}`);
    const first = pageOf(await runTool(pagedPlan(100)));
    expect(first).toMatchObject({
      items: ['item 0', 'item 1', 'item 2', 'item 3', 'item 4', 'item 5'],
      next_cursor: '6',
    });
    const second = pageOf(await runTool(pagedPlan(100), { inputs: { cursor: '6' } }));
    expect(second.items[0]).toBe('item 6');
  });

  test('returns every item once, each page within the limit', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ maxLength: 30 }), { maxLength: 40 }),
        fc.integer({ min: 160, max: 260 }),
        async (list, max) => {
          items = list;
          expect(await collect(pagedPlan(max))).toEqual(list);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is measured after masking, because a mask can be longer than the secret', async () => {
    items = Array.from({ length: 50 }, (_, index) => `key 12345678 ${index}`);
    const name = 'A_NAME_THAT_IS_MUCH_LONGER_THAN_THE_VALUE';
    const step = { id: 's', url: `${api.url}/x`, headers: { x: `$secrets.${name}` }, secrets: [name] };
    const plan = planOf(
      [step],
      { items: '$steps.s.response.body.items' },
      { outputBytesMax: 1000, pagedOutput: 'items' },
    );
    const value = pageOf(await runTool(plan, { secrets: { [name]: secretOf('12345678') } }));
    expect(Buffer.byteLength(JSON.stringify(value))).toBeLessThanOrEqual(1000);
    expect(value.items).toHaveLength(16);
    expect(value.items[15]).toBe(`key [secret:${name}] 15`);
    expect(value.next_cursor).toBe('16');
  });

  test('shares its limit with the content', async () => {
    items = ['aaaaaaaaaa', 'bbbbbbbbbb'];
    const content = templateOf([{ type: 'text', text: 'x'.repeat(45) }]);
    expect(pageOf(await runTool(pagedPlan(140))).items).toHaveLength(2);
    expect(pageOf(await runTool(pagedPlan(140, { content }))).items).toHaveLength(1);
  });

  test('is empty after its end', async () => {
    items = [1];
    expect(await runTool(pagedPlan(1000), { inputs: { cursor: '7' } })).toMatchObject({
      value: { items: [], next_cursor: null },
    });
  });

  test('that is not a list has the ordinary output limit, and no next cursor', async () => {
    items = 'text';
    expect(await runTool(pagedPlan(1000))).toMatchObject({ value: { items: 'text', next_cursor: null } });
    expect(await runTool(pagedPlan(20))).toMatchObject({ error: { code: 'output_too_large' } });
  });
});

test.each<[string, Json]>([
  ['a negative number', '-1'],
  ['a fraction', '1.5'],
  ['other text', 'next'],
  ['a sign', '+1'],
  ['a number too large', '1000000000'],
  ['empty', ''],
  ['a number instead of text', 1],
  ['null', null],
])('a cursor that is %s is refused before anything is sent', async (_name, cursor) => {
  items = [1];
  expect(await runTool(pagedPlan(1000), { inputs: { cursor } })).toMatchObject({
    ok: false,
    outcome: 'not_started',
    error: { code: 'invalid_arguments' },
  });
  expect(api.seen).toEqual([]);
});

test('a plan without pages may use a cursor input of its own', async () => {
  expect(await runTool(planOf([], { c: '$inputs.cursor' }), { inputs: { cursor: 'abc' } })).toMatchObject({
    value: { c: 'abc' },
  });
});

describe('an item that fits on no page', () => {
  const tooLarge = (message: string) => ({ ok: false, outcome: 'done', error: { code: 'output_too_large', message } });

  test('is named, with the cursor after it', async () => {
    items = ['a', 'x'.repeat(100), 'b'];
    expect(pageOf(await runTool(pagedPlan(90)))).toMatchObject({ items: ['a'], next_cursor: '1' });
    expect(await runTool(pagedPlan(90), { inputs: { cursor: '1' } })).toEqual(
      tooLarge('The item at cursor "1" does not fit into 90 bytes; cursor "2" continues after it'),
    );
    expect(pageOf(await runTool(pagedPlan(90), { inputs: { cursor: '2' } })).items).toEqual(['b']);
  });

  test('has no cursor after it when it is the last one, and the inputs that narrow the answer are named', async () => {
    items = ['x'.repeat(100)];
    expect(await runTool(pagedPlan(90, { narrowingInputs: ['fields'] }))).toEqual(
      tooLarge('The item at cursor "0" does not fit into 90 bytes. Inputs that can make it smaller: fields'),
    );
  });
});
