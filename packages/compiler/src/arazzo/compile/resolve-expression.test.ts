import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject, Template } from '@toolplane/contracts';
import { codesOf, compile, type Example, problemsOf, requestOf, stepOf } from './compile.example.ts';

const inputs = { type: 'object', properties: { id: {}, 'order.line': {}, order: { type: 'object' } } };
const workflow = { inputs };

/** Puts a value into a parameter of the first step. */
const sending = (value: Json, more: Example = {}): Example => ({
  steps: [{ stepId: 'a', operationId: 'read', parameters: [{ name: 'Authorization', in: 'header', value }] }],
  workflow,
  ...more,
});

const other = {
  stepId: 'b',
  operationId: 'read',
  outputs: { order: '$response.body', 'order.id': '$response.body#/id' },
};

/** Puts a value into an output of a step that follows another one. */
const giving = (value: Json, step: JsonObject = {}, more: Example = {}): Example => ({
  steps: [other, { stepId: 'a', operationId: 'read', outputs: { first: '$statusCode', value }, ...step }],
  workflow,
  ...more,
});

const sent = (value: Json) => requestOf(sending(value)).parameters?.[0]?.value;
const given = (value: Json) => stepOf(giving(value), 1).outputs[1]?.[1];
const reference = (...path: string[]) => ({ kind: 'reference', path });

describe('the place of a value in a run', () => {
  test.each<[string, string[]]>([
    ['$statusCode', ['response', 'status']],
    ['$method', ['request', 'method']],
    ['$url', ['request', 'url']],
    ['$response.header.X-Rate-Limit', ['response', 'headers', 'x-rate-limit']],
    ['$response.body', ['response', 'body']],
    ['$response.body#/items/0/a~1b', ['response', 'body', 'items', '0', 'a/b']],
    ['$request.header.X-Trace', ['request', 'headers', 'x-trace']],
    ['$request.query.page', ['request', 'query', 'page']],
    ['$request.path.id', ['request', 'path', 'id']],
    ['$request.body#/id', ['request', 'body', 'id']],
    ['$inputs.id', ['inputs', 'id']],
    ['$steps.b.outputs.order#/lines', ['steps', 'b', 'outputs', 'order', 'lines']],
    ['$outputs.first', ['outputs', 'first']],
    ['$workflows.main.inputs.id', ['inputs', 'id']],
  ])('%s', (text, path) => {
    expect(given(text)).toEqual(reference(...path));
  });

  test.each<[string, string[]]>([
    ['$secrets.KEY', ['secrets', 'KEY']],
    ['$config.Org-Id', ['config', 'org_id']],
    ['$current_user.token', ['current_user', 'token']],
    ['$user.token', ['current_user', 'token']],
  ])('%s goes into a request', (text, path) => {
    expect(sent(text)).toEqual(reference(...path));
  });

  test.each(['$current_user.token', '$user.token'])(
    '%s in a request is reported: the API gets it unchanged (T26)',
    (text) => {
      expect(codesOf(sending(text))).toEqual(['warning caller_token_passed_on']);
    },
  );

  test('the URL, the type and the x- members of a source description are known in advance', () => {
    const source = { 'x-team': { name: 'core' } };
    const sentFor = (text: string): Template | undefined => requestOf(sending(text, { source })).parameters?.[0]?.value;
    expect(sentFor('$sourceDescriptions.api.url')).toEqual({
      kind: 'literal',
      value: 'https://api.example.test/openapi.json',
    });
    expect(sentFor('$sourceDescriptions.api.type')).toEqual({ kind: 'literal', value: 'openapi' });
    expect(sentFor('$sourceDescriptions.api.x-team')).toEqual({ kind: 'literal', value: { name: 'core' } });
  });

  test('$self is the address of the document, resolved', () => {
    const root = { $self: 'https://docs.example.test/a/../main.arazzo.yaml' };
    expect(requestOf(sending('$self', { root })).parameters?.[0]?.value).toEqual({
      kind: 'literal',
      value: 'https://docs.example.test/main.arazzo.yaml',
    });
  });
});

describe('dotted names', () => {
  test.each<[string, string[]]>([
    ['$steps.b.outputs.order.id', ['order.id']],
    ['$steps.b.outputs.order.id.value', ['order.id', 'value']],
    ['$steps.b.outputs.order.lines', ['order', 'lines']],
    ['$steps.b.outputs.order.lines[0].id', ['order', 'lines', '0', 'id']],
  ])('%s is the longest declared name, then a path inside its value', (text, path) => {
    expect(given(text)).toEqual(reference('steps', 'b', 'outputs', ...path));
  });

  test('the same applies to inputs', () => {
    expect(given('$inputs.order.line.count')).toEqual(reference('inputs', 'order.line', 'count'));
    expect(given('$inputs.order.total')).toEqual(reference('inputs', 'order', 'total'));
  });

  test('an undeclared name is one single name', () => {
    expect(given('$steps.b.outputs.other.id')).toEqual(reference('steps', 'b', 'outputs', 'other.id'));
  });
});

describe('an invalid expression is reported with its place', () => {
  test.each(['$response.body#/a~2', '$steps.b', '$inputs.'])('%s', (text) => {
    expect(codesOf(giving(text))).toEqual(['error invalid_expression']);
  });

  test('deep inside a payload', () => {
    const payload = { list: ['fine', '$response.body#/~'] };
    const steps = [{ stepId: 'a', operationId: 'write', requestBody: { payload } }];
    expect(problemsOf({ steps })).toContainEqual(
      expect.stringMatching('^error invalid_expression /workflows/0/steps/0/requestBody/payload/list/1: '),
    );
  });

  test('an invalid form that public documents use is a warning', () => {
    expect(codesOf(giving('$response.body.items[0].id'))).toEqual(['warning lenient_expression']);
    expect(given('$response.body.items[0].id')).toEqual(reference('response', 'body', 'items', '0', 'id'));
  });
});

describe('a step that an expression names', () => {
  const needing = (id: string): JsonObject => ({
    parameters: [{ name: 'Authorization', in: 'header', value: `$steps.${id}.outputs.x` }],
  });
  const read = (stepId: string, more: JsonObject = {}) => ({
    stepId,
    operationId: 'read',
    outputs: { x: '$statusCode' },
    ...more,
  });

  test('exists in this workflow', () => {
    expect(problemsOf({ steps: [read('a', needing('bb'))] })).toEqual([
      'error unknown_step /workflows/0/steps/0/parameters/0/value: $steps.bb.outputs.x does not name a step of this workflow',
    ]);
  });

  test('has run before', () => {
    expect(codesOf({ steps: [read('b'), read('a', needing('b'))] })).toEqual([]);
    expect(codesOf({ steps: [read('a', needing('b')), read('b')] })).toEqual(['error step_not_run']);
    expect(codesOf({ steps: [read('a', needing('a'))] })).toEqual(['warning not_yet_known']);
  });

  test('may have run before if an action leads back from it', () => {
    const back = { name: 'again', type: 'goto', stepId: 'a', criteria: [{ condition: '$statusCode == 202' }] };
    expect(codesOf({ steps: [read('a', needing('b')), read('b', { onSuccess: [back] })] })).toEqual([
      'warning step_may_not_have_run',
    ]);
    const first = { name: 'refresh', type: 'retry', stepId: 'b' };
    expect(codesOf({ steps: [read('a', { ...needing('b'), onFailure: [first] }), read('b')] })).toEqual([
      'warning step_may_not_have_run',
    ]);
  });

  test('runs before if steps declare what they depend on', () => {
    const steps = [read('a', needing('b')), read('c', { dependsOn: ['a'] }), read('b')];
    expect(codesOf({ steps })).toEqual([]);
    expect(compile({ steps }).plan.steps.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
  });
});

describe('what is not declared', () => {
  test('an output of a step is a warning', () => {
    expect(problemsOf(giving('$steps.b.outputs.ordr'))).toEqual([
      'warning unknown_output /workflows/0/steps/1/outputs/value: ' +
        'There is no output "ordr" of step "b": this is always empty',
    ]);
    expect(codesOf(giving('$outputs.later', { outputs: { value: '$outputs.later', later: '$statusCode' } }))).toEqual([
      'warning output_not_built',
    ]);
  });

  test('an input is a warning, unless the schema allows others', () => {
    expect(codesOf(giving('$inputs.idd'))).toEqual(['warning undeclared_input']);
    expect(codesOf(giving('$inputs.idd', {}, { workflow: {} }))).toEqual(['warning undeclared_input']);
    const open = { inputs: { ...inputs, additionalProperties: { type: 'string' } } };
    expect(codesOf(giving('$inputs.idd', {}, { workflow: open }))).toEqual([]);
    const choice = { inputs: { type: 'object', oneOf: [{ properties: { idd: {} } }, { properties: { id: {} } }] } };
    expect(codesOf(giving('$inputs.idd', {}, { workflow: choice }))).toEqual([]);
  });

  test('a workflow and a source description are errors', () => {
    expect(codesOf(giving('$workflows.other.outputs.x'))).toEqual(['error unknown_workflow']);
    expect(codesOf(giving('$sourceDescriptions.apis.url'))).toEqual(['error unknown_source']);
  });
});

describe('where an expression is not allowed', () => {
  test('the response is not yet known in the request', () => {
    expect(codesOf(sending('$response.body'))).toEqual(['warning not_yet_known']);
    expect(codesOf(sending('$outputs.first'))).toContain('warning not_yet_known');
  });

  test('there is no current step in the outputs of a workflow', () => {
    const outputs = { status: '$statusCode' };
    expect(codesOf({ workflow: { outputs } })).toEqual(['warning no_current_step']);
  });

  test('only steps can name an operation', () => {
    expect(codesOf(sending('$sourceDescriptions.api.read'))).toEqual(['error unknown_reference']);
  });

  test('a component can be used only by reference', () => {
    const root = { components: { parameters: { page: { name: 'page', in: 'query', value: 1 } } } };
    expect(codesOf(sending('$components.parameters.page', { root }))).toEqual(['error component_as_value']);
  });

  test('a message of AsyncAPI is refused', () => {
    expect(codesOf(giving('$message.payload'))).toEqual(['error unsupported_asyncapi']);
  });

  test.each(['$response.query.a', '$response.path.a', '$response.payload', '$request.payload'])(
    '%s is refused',
    (text) => {
      expect(codesOf(giving(text))).toEqual(['error unknown_reference']);
    },
  );
});

// The content of an output reaches the agent.
describe('B049, B050: a credential is never shown', () => {
  test('B050: a cookie that a server sets can be compared, but not be an output', () => {
    const text = '$response.header.Set-Cookie';
    const compared = giving(1, { successCriteria: [{ condition: `${text} != null` }] });
    expect(stepOf(compared, 1).failure?.succeeds).toMatchObject({
      of: { left: reference('response', 'headers', 'set-cookie', '0') },
    });
    expect(codesOf(giving(text))).toContain('error credential_in_output');
    expect(codesOf(giving(`first {${text}}`))).toContain('error credential_in_output');
    expect(codesOf(giving(1, {}, { workflow: { ...workflow, outputs: { text } } }))).toContain(
      'error credential_in_output',
    );
  });

  test.each(['$secrets.KEY', '$config.org', '$current_user.token'])('%s in outputs and conditions', (text) => {
    const options = { secretNames: ['KEY'] };
    const refused = ['error credential_in_output'];
    expect(codesOf(giving(text, {}, { options }))).toEqual(refused);
    expect(codesOf({ options, workflow: { outputs: { a: text } } })).toEqual(refused);
    const criteria = { successCriteria: [{ condition: `${text} == 'a'` }] };
    expect(codesOf(giving('$statusCode', criteria, { options }))).toEqual(refused);
  });

  test('by the inputs of a workflow that is called', () => {
    const steps = [{ stepId: 'a', workflowId: 'sub', parameters: [{ name: 'key', value: '$secrets.KEY' }] }];
    const sub = {
      workflowId: 'sub',
      description: 'Reads what it is given.',
      inputs: { type: 'object', properties: { key: {} } },
      steps: [{ stepId: 'a', operationId: 'read' }],
    };
    expect(codesOf({ steps, workflows: [sub], options: { secretNames: ['KEY'] } })).toEqual([
      'error credential_in_output',
    ]);
  });

  test.each(['Authorization', 'cookie', 'Proxy-Authorization'])('by the header %s of the request', (name) => {
    expect(codesOf(giving(`$request.header.${name}`))).toEqual(['error credential_in_output']);
    expect(codesOf({ workflow: { outputs: { a: `$request.header.${name}` } } })).toContain(
      'error credential_in_output',
    );
  });

  test('by the part of the request that contains it', () => {
    const options = { secretNames: ['KEY'] };
    const parameters = (place: string) => ({ parameters: [{ name: 'X-Key', in: place, value: 'Key {$secrets.KEY}' }] });
    const codes = (text: string, step: JsonObject) =>
      codesOf(giving(text, step, { options })).filter((code) => code.startsWith('error'));
    const refused = ['error credential_in_output'];
    expect(codes('$request.header.x-key', parameters('header'))).toEqual(refused);
    expect(codes('$request.header.x-other', parameters('header'))).toEqual([]);
    expect(codes('$request.query.page', parameters('query'))).toEqual(refused);
    expect(codes('$url', parameters('query'))).toEqual(refused);
    expect(codes('$url', parameters('header'))).toEqual([]);
    const body = { operationId: 'write', requestBody: { payload: { key: '$secrets.KEY' } } };
    expect(codes('$request.body#/name', body)).toEqual(refused);
    const plain = { operationId: 'write', requestBody: { payload: { name: '$inputs.id' } } };
    expect(codes('$request.body#/name', plain)).toEqual([]);
  });

  test('a secret that the server does not have is a warning, and one that cannot exist is an error', () => {
    expect(codesOf(sending('$secrets.KEY'))).toEqual(['warning unknown_secret']);
    expect(codesOf(sending('$secrets.my-key'))).toEqual(['error invalid_secret_name']);
    expect(stepOf(sending('Key {$secrets.KEY} {$secrets.OTHER}')).secrets).toEqual(['KEY', 'OTHER']);
  });
});
