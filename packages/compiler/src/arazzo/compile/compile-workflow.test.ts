import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@toolplane/contracts';
import { codesOf, compile, type Example, problemsOf, toDefinition, toOpenApi } from './compile.example.ts';

const read = (stepId: string, more: JsonObject = {}) => ({ stepId, operationId: 'read', ...more });
const input = (name: string) => ({ kind: 'reference', path: ['inputs', name] });

const sub = {
  workflowId: 'sub',
  description: 'Reads what it is given.',
  inputs: { type: 'object', properties: { id: {}, size: { default: 10 } } },
  steps: [read('a', { outputs: { found: '$response.body' } })],
  outputs: { found: '$steps.a.outputs.found' },
};
const inputs = { type: 'object', properties: { id: {} } };

describe('a step that calls a workflow', () => {
  const calling = (step: JsonObject, more: Example = {}): Example => ({
    steps: [{ stepId: 'call', workflowId: 'sub', ...step }],
    workflow: { inputs },
    workflows: [sub],
    ...more,
  });

  test('gives its parameters as inputs', () => {
    const { plan } = compile(calling({ parameters: [{ name: 'id', value: '$inputs.id' }] }));
    expect(plan.steps[0]).toMatchObject({
      id: 'call',
      call: { workflowIndex: 0, inputs: [['id', input('id')]] },
      secrets: [],
    });
    expect(plan.workflows).toMatchObject([{ id: 'sub', inputSchema: sub.inputs, steps: [{ id: 'a' }] }]);
  });

  test('also gives those with "in" as inputs, with a warning', () => {
    const example = calling({ parameters: [{ name: 'id', in: 'query', value: 1 }] });
    expect(codesOf(example)).toEqual(['warning ignored_key']);
    expect(compile(example).plan.steps[0]?.call?.inputs).toEqual([['id', { kind: 'literal', value: 1 }]]);
  });

  test('leaves out those that the workflow refuses', () => {
    const closed = { ...sub, inputs: { ...sub.inputs, additionalProperties: false } };
    const example = (called: JsonObject) =>
      calling({ parameters: [{ name: 'other', value: 1 }] }, { workflows: [called] });
    expect(codesOf(example(closed))).toEqual(['warning undeclared_input']);
    expect(compile(example(closed)).plan.steps[0]?.call?.inputs).toEqual([]);
    expect(compile(example(sub)).plan.steps[0]?.call?.inputs).toHaveLength(1);
  });

  test('gives those parameters of its own workflow that the called one knows', () => {
    const parameters = [
      { name: 'id', in: 'query', value: 1 },
      { name: 'X-Trace', in: 'header', value: 2 },
    ];
    const { plan } = compile(calling({}, { workflow: { inputs, parameters } }));
    expect(plan.steps[0]?.call?.inputs.map(([name]) => name)).toEqual(['id']);
  });

  test('is warned about if what it calls requires more', () => {
    const required = { ...sub, inputs: { ...sub.inputs, required: ['id', 'size'] } };
    expect(problemsOf(calling({}, { workflows: [required] }))).toEqual([
      'warning missing_input /workflows/0/steps/0: The workflow "sub" requires id, which is not passed to it',
    ]);
  });

  test('has the outputs of the workflow in three forms', () => {
    const after = read('after', {
      parameters: [
        { name: 'Accept', in: 'header', value: '$steps.call.outputs.found' },
        { name: 'Authorization', in: 'header', value: '$workflows.sub.outputs.found#/x' },
      ],
    });
    const example = calling({}, { steps: [{ stepId: 'call', workflowId: 'sub' }, after] });
    expect(codesOf(example)).toEqual([]);
    expect(compile(example).plan.steps[1]?.request?.parameters?.map(({ value }) => value)).toEqual([
      { kind: 'reference', path: ['steps', 'call', 'outputs', 'found'] },
      { kind: 'reference', path: ['workflows', '0', 'outputs', 'found', 'x'] },
    ]);
    const own = calling({ outputs: { mine: '$outputs.found.id' } });
    expect(compile(own).plan.steps[0]?.outputs).toEqual([
      ['mine', { kind: 'reference', path: ['child', 'found', 'id'] }],
    ]);
  });

  test('has the status of its last response, and nothing else of it', () => {
    const example = (condition: string) => calling({ successCriteria: [{ condition }] });
    expect(codesOf(example('$statusCode == 200'))).toEqual([]);
    expect(codesOf(example('$response.body != null'))).toEqual(['warning no_own_answer']);
  });
});

describe('workflows of a plan', () => {
  const calls = (workflowId: string, ...called: string[]): JsonObject => ({
    workflowId,
    description: 'Calls what a test wants.',
    steps: [read('read'), ...called.map((each) => ({ stepId: `to-${each}`, workflowId: each }))],
  });

  test('are those that it can reach, each once', () => {
    const workflows = [calls('b', 'd'), calls('c', 'd'), calls('d'), calls('unused')];
    const { tools } = compile({
      steps: [
        { stepId: 'b', workflowId: 'b' },
        { stepId: 'c', workflowId: 'c' },
      ],
      workflows,
    });
    const ids = tools.map(({ plan }) => plan.workflows?.map(({ id }) => id) ?? []);
    expect(ids).toEqual([['b', 'c', 'd'], ['d'], ['d'], [], []]);
    const toD = tools[0]?.plan.workflows?.map(({ steps }) => steps[1]?.call?.workflowIndex);
    expect(toD).toEqual([2, 2, undefined]);
  });

  test('include the main one only if it is called again', () => {
    const { plan } = compile({ steps: [{ stepId: 'sub', workflowId: 'b' }], workflows: [calls('b', 'main')] });
    expect(plan.workflows?.map(({ id }) => id)).toEqual(['b', 'main']);
    expect(plan.workflows?.[1]?.steps[0]?.call?.workflowIndex).toBe(0);
    expect(codesOf({ steps: [{ stepId: 'sub', workflowId: 'b' }], workflows: [calls('b', 'main')] })).toContain(
      'warning workflow_cycle',
    );
  });

  test('that never run in the same call are reported where a value of theirs is used', () => {
    const workflow = { outputs: { a: '$workflows.sub.outputs.found' } };
    expect(problemsOf({ workflow, workflows: [sub] })).toEqual([
      'warning workflow_not_run /workflows/0/outputs/a: The workflow "sub" never runs in a call of this one: the value is always empty',
    ]);
    expect(codesOf({ workflow: { ...workflow, dependsOn: ['sub'] }, workflows: [sub] })).toEqual([]);
    expect(codesOf({ workflow, workflows: [sub, calls('both', 'sub', 'main')] })).toEqual([]);
    expect(codesOf({ workflow, workflows: [sub, calls('both', 'main')] })).toEqual(['warning workflow_not_run']);
  });

  test('that the tool never reaches give only empty values', () => {
    const workflow = { outputs: { a: '$workflows.sub.outputs.found', b: '$workflows.sub.inputs.id' } };
    expect(compile({ workflow, workflows: [sub] }).plan.outputs.map(([, value]) => value)).toEqual([
      { kind: 'reference', path: ['workflows', 'none', 'outputs', 'found'] },
      { kind: 'reference', path: ['workflows', 'none', 'inputs', 'id'] },
    ]);
  });
});

describe('workflows that another one depends on', () => {
  test('run first, in order, with the inputs that both declare', () => {
    const login = { ...sub, workflowId: 'login', inputs: { type: 'object', properties: { id: {}, password: {} } } };
    const { plan } = compile({ workflow: { inputs, dependsOn: ['login', 'sub'] }, workflows: [sub, login] });
    expect(plan.workflows?.map(({ id }) => id)).toEqual(['login', 'sub']);
    expect(plan.dependsOn).toEqual([
      { workflowIndex: 0, inputs: [['id', input('id')]] },
      { workflowIndex: 1, inputs: [['id', input('id')]] },
    ]);
  });

  test('cannot require what nobody gives them', () => {
    const required = {
      ...sub,
      inputs: { type: 'object', properties: { key: {}, size: { default: 1 } }, required: ['key', 'size'] },
    };
    expect(problemsOf({ workflow: { inputs, dependsOn: ['sub'] }, workflows: [required] })).toEqual([
      'error missing_input /workflows/0/dependsOn/0: ' +
        'The workflow "sub" requires key, which "main" has no input for',
    ]);
  });
});

describe('workflows of another document', () => {
  const location = 'https://other.example.test/flows.yaml';
  const source = (definition: JsonObject): Example => ({
    root: {
      sourceDescriptions: [
        { name: 'api', url: 'https://api.example.test/openapi.json', type: 'openapi' },
        { name: 'flows', url: location, type: 'arazzo' },
      ],
    },
    options: {
      references: [
        { name: 'flows', content: JSON.stringify(definition), location },
        {
          name: 'their-api',
          content: JSON.stringify(toOpenApi({ openapi: { servers: [{ url: 'https://theirs.example.test' }] } })),
          location: 'https://theirs.example.test/openapi.json',
        },
      ],
    },
  });
  const theirs = (steps: Json[], more: JsonObject = {}): JsonObject => ({
    ...toDefinition({ steps, workflow: sub as JsonObject }),
    workflows: [{ ...sub, steps }],
    sourceDescriptions: [{ name: 'api', url: 'https://theirs.example.test/openapi.json' }],
    ...more,
  });
  const parameter = { reference: '$components.parameters.page' };
  const components = { parameters: { page: { name: 'page', in: 'query', value: 7 } } };

  test('have the sources and components of that document', () => {
    const flows = source(
      theirs([read('a', { parameters: [parameter], outputs: { found: '$response.body' } })], { components }),
    );
    const steps = [{ stepId: 'call', workflowId: '$sourceDescriptions.flows.sub' }];
    const { plan } = compile({ ...flows, steps });
    expect(plan.workflows?.[0]?.steps[0]?.request).toMatchObject({
      url: { parts: ['https://theirs.example.test/items'] },
      parameters: [{ name: 'page', value: { kind: 'literal', value: 7 } }],
    });
  });

  test('have their problems reported in their own document', () => {
    const steps = [{ stepId: 'call', workflowId: '$sourceDescriptions.flows.sub' }];
    const broken = source(theirs([read('a', { outputs: { found: '$steps.nobody.outputs.x' } })]));
    expect(codesOf({ ...broken, steps })).toContain('error unknown_step');
    // Nothing in this document is visible from the other one.
    const borrowing = source(theirs([read('a', { parameters: [parameter], outputs: { found: 1 } })]));
    expect(
      codesOf({ ...borrowing, steps, root: { ...borrowing.root, components } }).filter((code) =>
        code.startsWith('error'),
      ),
    ).not.toEqual([]);
  });

  // The author of that document would receive the token of every user.
  test.each(['$current_user.token', '$config.org'])('get %s only where the deployed document trusts them', (value) => {
    const taking = read('a', { parameters: [{ name: 'Authorization', in: 'header', value }], outputs: { found: 1 } });
    const steps = [{ stepId: 'call', workflowId: '$sourceDescriptions.flows.sub' }];
    // What that document declares about itself does not count.
    const flows = source(theirs([taking], { 'x-trusted': true }));
    const codesFor = (more: JsonObject) => {
      const sourceDescriptions = [
        { name: 'api', url: 'https://api.example.test/openapi.json', type: 'openapi' },
        { name: 'flows', url: location, type: 'arazzo', ...more },
      ];
      return codesOf({ ...flows, steps, root: { sourceDescriptions } }).filter((code) => code.startsWith('error'));
    };
    expect(codesFor({})).toEqual(['error untrusted_document']);
    expect(codesFor({ 'x-trusted': false })).toEqual(['error untrusted_document']);
    expect(codesFor({ 'x-trusted': true })).toEqual([]);
  });

  test('name secrets of the server, which are bound to hosts', () => {
    const taking = read('a', {
      parameters: [{ name: 'X-Key', in: 'header', value: '$secrets.KEY' }],
      outputs: { found: 1 },
    });
    const steps = [{ stepId: 'call', workflowId: '$sourceDescriptions.flows.sub' }];
    expect(codesOf({ ...source(theirs([taking])), steps }).filter((code) => code.startsWith('error'))).toEqual([]);
  });

  test('share a secret with a source of the same name, with a warning', () => {
    const components = { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } };
    const api = (name: string) => {
      const openapi = { servers: [{ url: `https://${name}.example.test` }], security: [{ key: [] }], components };
      const at = `https://${name}.example.test/openapi.json`;
      return { name: `${name}-api`, content: JSON.stringify(toOpenApi({ openapi })), location: at };
    };
    const flows = source(theirs([read('a', { outputs: { found: 1 } })]));
    const [definition] = flows.options?.references ?? [];
    const references = [...(definition === undefined ? [] : [definition]), api('theirs')];
    const steps = [read('own'), { stepId: 'call', workflowId: '$sourceDescriptions.flows.sub' }];
    const example = { ...flows, steps, openapi: { security: [{ key: [] }], components }, options: { references } };
    expect(codesOf(example)).toContain('warning shared_secret');
    expect(codesOf(example).filter((code) => code.startsWith('error'))).toEqual([]);
  });

  test('can be depended on, and their outputs read by the name of the source', () => {
    const value = '$sourceDescriptions.flows.sub.outputs.found#/id';
    const workflow = { inputs, dependsOn: ['$sourceDescriptions.flows.sub'], outputs: { value } };
    const { plan } = compile({ ...source(theirs([read('a', { outputs: { found: '$response.body' } })])), workflow });
    expect(plan.dependsOn).toEqual([{ workflowIndex: 0, inputs: [['id', input('id')]] }]);
    expect(plan.outputs).toEqual([
      ['value', { kind: 'reference', path: ['workflows', '0', 'outputs', 'found', 'id'] }],
    ]);
  });

  test('cannot depend on what depends on them', () => {
    const back = { name: 'ours', url: 'https://docs.example.test/main.yaml', type: 'arazzo' };
    const workflow = {
      ...sub,
      dependsOn: ['$sourceDescriptions.ours.main'],
      steps: [read('a', { outputs: { found: 1 } })],
    };
    const flows = source(
      theirs([], {
        workflows: [workflow],
        sourceDescriptions: [{ name: 'api', url: 'https://theirs.example.test/openapi.json' }, back],
      }),
    );
    const root = { ...flows.root, $self: back.url };
    expect(codesOf({ ...flows, root, workflow: { dependsOn: ['$sourceDescriptions.flows.sub'] } })).toContain(
      'error dependency_cycle',
    );
  });

  test('are found by their id alone if only one source has it', () => {
    const flows = source(theirs([read('a', { outputs: { found: 1 } })]));
    expect(codesOf({ ...flows, steps: [{ stepId: 'call', workflowId: 'sub' }] })).toContain(
      'warning unqualified_workflow',
    );
  });

  test.each([
    ['$sourceDescriptions.flows.other', 'error unknown_workflow'],
    ['$sourceDescriptions.nobody.sub', 'error unknown_source'],
    ['$sourceDescriptions.api.read', 'error wrong_source_type'],
    ['other', 'error unknown_workflow'],
  ])('that do not exist are errors: %s', (workflowId, expected) => {
    const flows = source(theirs([read('a', { outputs: { found: 1 } })]));
    expect(codesOf({ ...flows, steps: [{ stepId: 'call', workflowId }] })).toContain(expected);
  });

  test('have servers set by the name of their document and source, otherwise by that of the source', () => {
    const flows = source(theirs([read('a', { outputs: { found: 1 } })]));
    const steps = [{ stepId: 'call', workflowId: '$sourceDescriptions.flows.sub' }];
    const urlFor = (sourceServers: Record<string, string>) =>
      compile({ ...flows, steps, options: { ...flows.options, sourceServers } }).plan.workflows?.[0]?.steps[0]?.request
        ?.url;
    const both = { api: 'https://a.test', 'flows.api': 'https://b.test' };
    expect(urlFor(both)).toEqual({ kind: 'operation', parts: ['https://b.test/items'] });
    expect(urlFor({ api: 'https://a.test' })).toEqual({ kind: 'operation', parts: ['https://a.test/items'] });
  });
});
