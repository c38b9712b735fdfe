import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { codesOf, compile, type Example, tryCompile } from './compile.example.ts';

const ok = { responses: { 200: { description: 'Done' } } };
const read = { stepId: 'a', operationId: 'read', outputs: { found: '$response.body' } };

function toolOf(example: Example) {
  const tool = compile(example).tools[0]?.tool;
  expect(tool).toBeDefined();
  return tool;
}

test('one tool for each workflow, unless x-mcp-expose is false', () => {
  const workflows = [
    { workflowId: 'hidden', 'x-mcp-expose': false, steps: [read] },
    { workflowId: 'find item', 'x-mcp-name': 'find_item', steps: [read] },
  ];
  expect(compile({ workflows }).tools.map(({ tool, plan }) => [tool.name, plan.tool])).toEqual([
    ['main', 'main'],
    ['find_item', 'find_item'],
  ]);
});

describe('what a client sees of a tool', () => {
  test('its inputs, with references to components inlined', () => {
    const components = { inputs: { item: { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } } } };
    const workflow = { inputs: { $ref: '#/components/inputs/item' } };
    expect(toolOf({ workflow, root: { components } })?.inputSchema).toEqual(components.inputs.item);
    expect(toolOf({})?.inputSchema).toEqual({ type: 'object' });
  });

  test('its summary and its description', () => {
    const summary = 'Find an item.';
    const description = 'Looks in every store.';
    expect(toolOf({ workflow: { summary, description } })).toMatchObject({
      title: summary,
      description: `${summary}\n\n${description}`,
    });
    expect(toolOf({ workflow: { description } })).toMatchObject({ description });
    expect(toolOf({ workflow: { summary, description: `${summary} ${description}` } })?.description).toBe(
      `${summary} ${description}`,
    );
  });

  test('with a warning that a password should not be an input', () => {
    const inputs = {
      type: 'object',
      properties: { word: { type: 'string', format: 'password', description: 'Opens the door.' } },
    };
    expect(codesOf({ workflow: { inputs } })).toEqual(['warning credential_input']);
  });

  test('with warnings at the place that they are about', () => {
    const inputs = { type: 'object', required: ['id'], properties: { id: {} } };
    const workflow = { summary: 'main', description: undefined, inputs } as unknown as JsonObject;
    expect(tryCompile({ workflow }).problems).toEqual([
      'warning vague_description /workflows/0/summary: The description only repeats the name',
      'warning undocumented_input /workflows/0/inputs/properties/id: The required input "id" has no description',
    ]);
  });
});

describe('the outputs of a tool', () => {
  test('are named in its schema and may be absent', () => {
    const outputs = { found: '$steps.a.outputs.found', status: 'fixed' };
    expect(toolOf({ steps: [read], workflow: { outputs } })?.outputSchema).toEqual({
      type: 'object',
      properties: { found: {}, status: {} },
    });
    expect(toolOf({})).not.toHaveProperty('outputSchema');
  });

  test('can be those of a workflow that a goto leads to', () => {
    const other = { workflowId: 'other', steps: [read], outputs: { theirs: '$steps.a.outputs.found' } };
    const go = { name: 'go', type: 'goto', workflowId: 'other', criteria: [{ condition: '$statusCode == 202' }] };
    const steps = [{ ...read, onSuccess: [go] }];
    const { outputSchema } =
      toolOf({ steps, workflow: { outputs: { ours: '$steps.a.outputs.found' } }, workflows: [other] }) ?? {};
    expect(outputSchema).toEqual({ type: 'object', properties: { ours: {}, theirs: {} } });
  });
});

describe('the size of an answer', () => {
  const outputs = { found: '$steps.a.outputs.found', status: 'fixed' };
  const inputs = { type: 'object', properties: { limit: { type: 'integer' } }, additionalProperties: false };
  const withOutput = (output: Json, workflow: JsonObject = {}): Example => ({
    steps: [read],
    workflow: { outputs, inputs, 'x-output': output, ...workflow },
  });

  test('is limited as x-output says, and its list is given in pages', () => {
    const { plan, tools } = compile(withOutput({ max_bytes: 50, page: 'found' }));
    expect(plan).toMatchObject({ outputBytesMax: 50, pagedOutput: 'found', narrowingInputs: ['limit'] });
    const properties = { limit: { type: 'integer' }, cursor: { type: 'string' } };
    expect(tools[0]?.tool.inputSchema).toMatchObject({ properties, additionalProperties: false });
    expect(tools[0]?.tool.outputSchema).toEqual({
      type: 'object',
      properties: { found: {}, status: {}, next_cursor: {} },
    });
    expect(compile({}).plan).toMatchObject({ outputBytesMax: 80 * 1024 });
    expect(compile({}).plan).not.toHaveProperty('pagedOutput');
  });

  test('has no limit where there is no tool, and the key is a warning', () => {
    const extensions = { 'x-output': { max_bytes: 50 }, 'x-timeout': 5, 'x-mcp-name': 'a', 'x-annotations': {} };
    const sub = { workflowId: 'sub', steps: [read], 'x-mcp-expose': false };
    const { problems } = tryCompile({ steps: [read], workflows: [{ ...sub, ...extensions }] });
    expect(problems.toSorted()).toEqual(
      ['x-annotations', 'x-mcp-name', 'x-output', 'x-timeout'].map((key) => {
        return `warning ignored_key /workflows/1/${key}: "${key}" has no effect on a workflow that is not a tool`;
      }),
    );
    expect(codesOf({ steps: [read], workflows: [sub] })).toEqual([]);
    expect(codesOf({ steps: [read], workflow: extensions })).toEqual([]);
  });

  const writing = [{ ...read, operationId: 'write' }];
  const page = '/workflows/0/x-output/page';
  test.each<[what: string, example: Example, error: string]>([
    ['a size that is too small', withOutput({ max_bytes: 0 }), 'out_of_range /workflows/0/x-output/max_bytes'],
    ['a size that is too large', withOutput({ max_bytes: 1048577 }), 'out_of_range /workflows/0/x-output/max_bytes'],
    ['a key without meaning', withOutput({ overflow: 'page' }), 'unknown_key /workflows/0/x-output/overflow'],
    ['an unknown output', withOutput({ page: 'lost' }), `unknown_output ${page}`],
    ['a page of what is written', { ...withOutput({ page: 'found' }), steps: writing }, `page_not_read_only ${page}`],
    [
      'a page of what a called workflow writes',
      { ...withOutput({ page: 'found' }, { dependsOn: ['sub'] }), workflows: [{ workflowId: 'sub', steps: writing }] },
      `page_not_read_only ${page}`,
    ],
    [
      'a cursor of its own',
      withOutput({ page: 'found' }, { inputs: { type: 'object', properties: { cursor: { type: 'string' } } } }),
      `page_name_taken ${page}`,
    ],
    [
      'inputs that refuse the cursor',
      withOutput({ page: 'found' }, { inputs: { type: 'object', maxProperties: 0 } }),
      `page_cursor_refused ${page}`,
    ],
    [
      'the cursor sent to the API',
      {
        ...withOutput({ page: 'found' }),
        steps: [{ ...read, parameters: [{ name: 'after', in: 'query', value: '$inputs.cursor' }] }],
      },
      'page_cursor_used /workflows/0/steps/0/parameters/0/value',
    ],
  ])('cannot be set with %s', (_what, example, error) => {
    const errors = tryCompile(example).problems.filter((problem) => problem.startsWith('error'));
    expect(errors).toEqual([expect.stringContaining(`error ${error}:`)]);
  });
});

describe('what the HTTP methods of a tool promise', () => {
  const paths = Object.fromEntries(
    ['get', 'put', 'post', 'delete'].map((method) => [`/${method}`, { [method]: { operationId: method, ...ok } }]),
  );
  const calling = (...operationIds: string[]): Example => ({
    paths,
    steps: operationIds.map((operationId) => ({ stepId: operationId, operationId })),
  });

  test.each([
    [['get'], { readOnlyHint: true, destructiveHint: false, idempotentHint: true }, true],
    [['get', 'put'], { readOnlyHint: false, destructiveHint: false, idempotentHint: true }, true],
    [['delete'], { readOnlyHint: false, destructiveHint: true, idempotentHint: true }, true],
    [['get', 'post'], { readOnlyHint: false, destructiveHint: false, idempotentHint: false }, false],
  ])('%j', (operationIds, annotations, isRepeatable) => {
    expect(toolOf(calling(...operationIds))).toMatchObject({
      annotations: { ...annotations, openWorldHint: true },
      isRepeatable,
    });
  });

  test('includes the workflows that it can reach', () => {
    const sub = { workflowId: 'sub', steps: [{ stepId: 'a', operationId: 'post' }] };
    const again = { name: 'again', type: 'retry', workflowId: 'sub' };
    for (const workflow of [{ dependsOn: ['sub'] }, { failureActions: [again] }]) {
      expect(toolOf({ ...calling('get'), workflow, workflows: [sub] })).toMatchObject({ isRepeatable: false });
    }
  });

  test('is more if a step declares that it may be sent twice, but not if it has a key, which is for one call', () => {
    const toolWith = (extension: JsonObject) => {
      return toolOf({ steps: [{ stepId: 'a', operationId: 'write', ...extension }] });
    };
    const [idempotent, keyed] = [{ 'x-idempotent': true }, { 'x-idempotency-key': { header: 'Idempotency-Key' } }];
    expect(toolWith(idempotent)).toMatchObject({ isRepeatable: true, annotations: { idempotentHint: true } });
    expect(toolWith(keyed)).toMatchObject({ isRepeatable: false, annotations: { idempotentHint: false } });
  });

  test('is overridden by the document', () => {
    expect(
      toolOf({ ...calling('post'), workflow: { 'x-annotations': { readOnlyHint: true } } })?.annotations,
    ).toMatchObject({
      readOnlyHint: true,
      idempotentHint: false,
    });
  });
});

test('a plan has the limits and settings of its document', () => {
  const root = { 'x-settings': { stepsMax: 7 } };
  const inputs = {
    type: 'object',
    required: ['id'],
    properties: { id: { description: 'Its number.' }, limit: {}, other: {} },
  };
  const options = { allowedHosts: ['*.example.test'] };
  expect(compile({ root, options, workflow: { inputs, 'x-timeout': 12 } }).plan).toMatchObject({
    semantics: 'arazzo',
    stepsRunMax: 7,
    deadlineMs: 12_000,
    allowedHosts: ['*.example.test'],
    narrowingInputs: ['limit', 'other'],
    analytics: [],
  });
  expect(compile({}).plan).toMatchObject({ stepsRunMax: 200, deadlineMs: 60_000 });
});

test('what many tools call is in many plans, which is limited', () => {
  const call = (index: number) => ({ stepId: 'call', workflowId: `w${index}` });
  const steps = Array.from({ length: 40 }, (_, index) => ({ stepId: `s${index}`, operationId: 'read' }));
  const workflows = Array.from({ length: 30 }, (_, index) => ({
    workflowId: `w${index}`,
    steps: [...steps, ...(index === 29 ? [] : [call(index + 1)])],
  }));
  expect(codesOf({ steps: [call(0)], workflows })).toEqual(['error too_many_steps']);
  const hidden = workflows.map((workflow) => ({ ...workflow, 'x-mcp-expose': false }));
  expect(codesOf({ steps: [call(0)], workflows: hidden })).toEqual([]);
});
