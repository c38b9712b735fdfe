import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, Plan } from '@toolplane/contracts';
import { planOf, questionsOf, templateOf } from '../../test/plan.ts';
import { internalErrors, runTool, secretOf, type ToolRun } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

let answer: Json;
let api: Upstream;
beforeAll(async () => {
  api = await startUpstream((request, response) => json(answer)(request, response));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.seen.length = 0;
  expect(internalErrors).toEqual([]);
});

function showing(content: Json, rest: Partial<Plan> = {}): Plan {
  return planOf([], {}, { content: templateOf(content), ...rest });
}

const show = (content: Json, inputs: JsonObject = {}, run: ToolRun = {}) =>
  runTool(showing(content), { inputs, ...run });

describe('content', () => {
  test('needs no step, and is returned beside the outputs', async () => {
    const plan = planOf(
      [],
      { city: '$inputs.city' },
      { content: templateOf([{ type: 'text', text: 'In $inputs.city' }]) },
    );
    expect(await runTool(plan, { inputs: { city: 'Lyon' } })).toEqual({
      ok: true,
      outcome: 'done',
      value: { city: 'Lyon' },
      content: [{ type: 'text', text: 'In Lyon' }],
    });
  });

  test('of a tool without outputs comes without a structured result', async () => {
    expect(await show([{ type: 'text', text: 'none' }])).toMatchObject({ value: null });
  });

  test('sees the steps as the outputs do, including values that only it uses', async () => {
    answer = { image: Buffer.from('picture').toString('base64') };
    const block = { type: 'image', data: '$steps.s.response.body.image', mimeType: 'image/png' };
    const second = { type: 'text', text: 'length($steps.s.request.headers)' };
    const plan = planOf([{ id: 's', url: `${api.url}/x` }], {}, { content: templateOf([block, second]) });
    expect(await runTool(plan)).toMatchObject({ content: [{ data: 'cGljdHVyZQ==' }, { text: '0' }] });
  });

  test('can be a list built by an expression', async () => {
    const content = "$inputs.hits[].{type: 'resource_link', uri: url, name: title}";
    const hits = [
      { url: 'docs://a', title: 'A' },
      { url: 'docs://b', title: 7 },
    ];
    expect(await show(content, { hits })).toMatchObject({
      content: [
        { type: 'resource_link', uri: 'docs://a', name: 'A' },
        { type: 'resource_link', uri: 'docs://b', name: '7' },
      ],
    });
  });

  test('shows other values as text in compact JSON', async () => {
    const content = ['$inputs.list', '$inputs.yes', '$inputs.object'].map((text) => ({ type: 'text', text }));
    expect(await show(content, { list: [1, 'a'], yes: true, object: { a: null } })).toMatchObject({
      content: [{ text: '[1,"a"]' }, { text: 'true' }, { text: '{"a":null}' }],
    });
  });

  test('applies the same rules inside messages and resources', async () => {
    const content = [
      { role: 'user', content: { type: 'text', text: '$inputs.n' } },
      { uri: 'docs://a', mimeType: 'text/plain', text: '$inputs.n' },
      { type: 'resource', resource: { uri: 'docs://a', blob: '$inputs.blob' } },
    ];
    expect(await show(content, { n: 1, blob: 'YW\nJj\n' })).toMatchObject({
      content: [
        { role: 'user', content: { type: 'text', text: '1' } },
        { uri: 'docs://a', text: '1' },
        { type: 'resource', resource: { uri: 'docs://a', blob: 'YWJj' } },
      ],
    });
  });

  test('leaves out optional members without a value', async () => {
    const block = { type: 'resource_link', uri: 'docs://a', name: 'a', title: '$inputs.gone', size: '$inputs.gone' };
    expect(await show([block])).toMatchObject({ content: [{ type: 'resource_link', uri: 'docs://a', name: 'a' }] });
    expect(await show([block])).not.toHaveProperty('content.0.title');
    expect(await show([block])).not.toHaveProperty('content.0.size');
  });

  test.each(['$inputs.gone', '$inputs.list[0].name'])(
    'has an empty text when the text has no value: %s',
    async (text) => {
      const content = [
        { type: 'text', text },
        { role: 'user', content: { type: 'text', text } },
      ];
      expect(await show(content)).toMatchObject({ content: [{ text: '' }, { content: { text: '' } }] });
    },
  );

  test('omits what clients would reject the whole result for', async () => {
    const fitting = { audience: ['user'], priority: 0.5, lastModified: '2025-01-12T15:00:58Z', other: 1 };
    const unfit = { audience: 'user', priority: 7, lastModified: 'today', other: null };
    const inputs = { fitting, unfit, text: '12', gone: null };
    const content = [
      { type: 'text', text: 'a', annotations: '$inputs.fitting' },
      { type: 'text', text: 'b', annotations: { priority: '$inputs.gone', audience: ['user'] } },
      { type: 'text', text: 'c', annotations: '$inputs.unfit' },
      { type: 'text', text: 'd', annotations: '$inputs.text', _meta: '$inputs.text' },
      { type: 'resource_link', uri: 'docs://a', name: 'a', size: '$inputs.text' },
    ];
    const outcome = await show(content, inputs);
    expect(outcome).toHaveProperty('content', [
      { type: 'text', text: 'a', annotations: fitting },
      { type: 'text', text: 'b', annotations: { audience: ['user'] } },
      { type: 'text', text: 'c', annotations: {} },
      { type: 'text', text: 'd' },
      { type: 'resource_link', uri: 'docs://a', name: 'a' },
    ]);
  });

  test.each<[string, Json, string]>([
    ['data', [{ type: 'audio', data: '$inputs.gone', mimeType: 'audio/wav' }], 'no value for content/0/data'],
    ['its type', [{ type: 'image', data: 'YWJj', mimeType: '$inputs.gone' }], 'no value for content/0/mimeType'],
    ['blob', [{ type: 'resource', resource: { uri: 'x:y', blob: '$inputs.gone' } }], 'content/0/resource/blob'],
    [
      'uri',
      [
        { type: 'text', text: '' },
        { uri: '$inputs.gone', text: '' },
      ],
      'no value for content/1/uri',
    ],
    ['uri in a block', [{ type: 'resource', resource: { uri: '$inputs.gone', text: '' } }], 'content/0/resource/uri'],
    ['base64', [{ type: 'image', data: 'not base64', mimeType: 'image/png' }], 'no base64 for content/0/data'],
    ['whole base64', [{ type: 'image', data: 'YWJ', mimeType: 'image/png' }], 'no base64 for content/0/data'],
    ['a block', ['$inputs.gone'], 'no object for content/0'],
    ['a resource', [{ type: 'resource', resource: '$inputs.gone' }], 'no value for content/0/resource'],
    ['a list', '$inputs.object', 'no list for content'],
  ])('without %s fails with its place', async (_name, content, message) => {
    expect(await show(content, { object: { type: 'text', text: 'x' } })).toMatchObject({
      ok: false,
      outcome: 'not_started',
      error: { code: 'expression_failed', message: expect.stringContaining(message) },
    });
  });

  test('does not change values that calls share', async () => {
    const plan = showing([{ type: 'image', data: 'YW Jj', mimeType: 'image/png', annotations: { priority: 1 } }]);
    const before = structuredClone(plan);
    await runTool(plan);
    expect(plan).toEqual(before);
  });
});

describe('a secret', () => {
  const CANARY = 'sk_canary_0123456789';
  const secrets = { KEY: secretOf(CANARY) };
  const echoing = (content: Json) => {
    const step = { id: 's', url: `${api.url}/x`, headers: { 'x-key': '$secrets.KEY' }, secrets: ['KEY'] };
    return runTool(planOf([step], {}, { content: templateOf(content) }), { secrets });
  };

  test('that an upstream echoes is not in any content', async () => {
    answer = { text: `said ${CANARY}`, uri: `https://a.test/?k=${CANARY}`, [CANARY]: 1 };
    const outcome = await echoing([
      { type: 'text', text: '$steps.s.response.body' },
      { type: 'resource_link', uri: '$steps.s.response.body.uri', name: '$steps.s.response.body.text' },
      { type: 'text', text: 'x', _meta: '$steps.s.response.body' },
    ]);
    expect(outcome).toMatchObject({ ok: true, content: [{}, { name: 'said [secret:KEY]' }, {}] });
    expect(inspect(outcome, { depth: 20 })).not.toContain('canary');
  });

  test.each([0, 1, 2])('is not in binary content either, at offset %i and across lines', async (offset) => {
    const base64 = Buffer.from(`${'x'.repeat(offset)}${CANARY}`).toString('base64');
    answer = { data: base64.replace(/.{7}/g, '$&\n') };
    const outcome = await echoing([{ type: 'image', data: '$steps.s.response.body.data', mimeType: 'image/png' }]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'expression_failed' } });
    expect(JSON.stringify(outcome)).not.toContain(base64.slice(4, 20));
  });
});

describe('what the document itself says is not an echo', () => {
  const config = { format: 'text/plain', kind: 'resource', name: 'plain_text', said: 'something' };

  test('names of outputs, keys and literals stay unchanged', async () => {
    const plan = planOf(
      [],
      { plain_text: '$config.said', literal: 'text/plain', map: { resource: '$config.kind', other: 'resource' } },
      {
        content: templateOf([
          { type: 'resource', resource: { uri: 'docs://a', mimeType: 'text/plain', text: '$config.format' } },
        ]),
      },
    );
    expect(await runTool(plan, { caller: { config } })).toMatchObject({
      value: {
        plain_text: '[secret:config.said]',
        literal: 'text/plain',
        map: { resource: '[secret:config.kind]', other: 'resource' },
      },
      content: [{ type: 'resource', resource: { mimeType: 'text/plain', text: '[secret:config.format]' } }],
    });
  });

  test('and neither are the names in an error', async () => {
    const request = { method: 'elicitation/create', params: { message: '$config.mode', requestedSchema: {} } } as const;
    const plan = planOf([], {}, questionsOf({ q: request }));
    expect(await runTool(plan, { caller: { config: { mode: 'elicitation' } } })).toMatchObject({
      error: { details: { requiredCapabilities: { elicitation: {} } } },
    });
  });
});

describe('the size limit of an answer', () => {
  const tooLarge = (message: string) => ({ ok: false, error: { code: 'output_too_large', message } });

  test('counts outputs and content together', async () => {
    const content = templateOf([{ type: 'text', text: '$inputs.text' }]);
    const plan = planOf([], { text: '$inputs.text' }, { content, outputBytesMax: 100 });
    expect(await runTool(plan, { inputs: { text: 'x'.repeat(29) } })).toMatchObject({ ok: true });
    expect(await runTool(plan, { inputs: { text: 'x'.repeat(35) } })).toMatchObject(
      tooLarge('The outputs and the content of the tool have 108 bytes; the limit is 100'),
    );
  });

  test('of base64 is the same as for an answer of an upstream', async () => {
    const content = templateOf([{ type: 'image', data: '$inputs.data', mimeType: 'image/png' }]);
    const plan = planOf([], {}, { content });
    const data = 'A'.repeat(5 * 1024 * 1024);
    expect(await runTool(plan, { inputs: { data } })).toMatchObject({ ok: true });
    expect(await runTool(plan, { inputs: { data: `${data}AAAA` } })).toMatchObject(
      tooLarge('The base64 in the content has 5242884 bytes; the limit is 5242880'),
    );
  });

  test('is not bypassed by data that only looks like base64', async () => {
    const content = [{ type: 'text', text: 'x', _meta: { data: '$inputs.data' } }];
    const inputs = { data: 'A'.repeat(81_920) };
    expect(await show(content, inputs)).toMatchObject({ error: { code: 'output_too_large' } });
  });

  test('gives an error that names the inputs which make the answer smaller', async () => {
    const plan = planOf([], { text: '$inputs.text' }, { outputBytesMax: 10, narrowingInputs: ['limit', 'fields'] });
    expect(await runTool(plan, { inputs: { text: 'xx' } })).toMatchObject(
      tooLarge(
        'The outputs of the tool have 13 bytes; the limit is 10. Inputs that can make it smaller: limit, fields',
      ),
    );
  });
});
