import { describe, expect, test } from '@jest/globals';
import { exampleDocument, exampleWorkflow, read, withStep, withWorkflow } from './read.example.ts';

describe('a step has exactly one target', () => {
  test.each([
    [{}, ['not_exactly_one']],
    [{ operationId: 'a', operationPath: 'b' }, ['not_exactly_one']],
    [{ operationId: 'a', workflowId: 'b' }, ['not_exactly_one']],
    [{ operationId: 'a', channelPath: 'b', action: 'send' }, ['not_exactly_one']],
    [{ operationId: ' ' }, ['invalid_target']],
    [{ operationId: 'a' }, []],
    [{ operationPath: 'a' }, []],
    [{ workflowId: 'a' }, []],
    [{ channelPath: 'a', action: 'receive' }, []],
  ])('%j', (target, expected) => {
    const { errors } = read(withWorkflow({ steps: [{ stepId: 'one', ...target }] }));
    expect(errors.map((error) => error.split(' ')[0])).toEqual(expected);
  });
});

describe('"in"', () => {
  const parameters = (parameter: object, target: object) =>
    withWorkflow({ steps: [{ stepId: 'one', ...target, parameters: [{ name: 'id', value: 1, ...parameter }] }] });
  const at = '/workflows/0/steps/0/parameters/0';

  test('is required for an operation', () => {
    expect(read(parameters({}, { operationId: 'a' })).errors).toEqual([`missing_key ${at}`]);
    expect(read(parameters({}, { operationPath: 'a' })).errors).toEqual([`missing_key ${at}`]);
    expect(read(parameters({ in: 'body' }, { operationId: 'a' })).errors).toEqual([`unknown_word ${at}/in`]);
  });

  test('is ignored for a workflow, which is reported', () => {
    expect(read(parameters({}, { workflowId: 'a' }))).toMatchObject({ errors: [], warnings: [] });
    expect(read(parameters({ in: 'query' }, { workflowId: 'a' }))).toMatchObject({
      errors: [],
      warnings: [`ignored_key ${at}/in`],
    });
  });

  test('is "querystring" from 1.1 on', () => {
    const document = parameters({ in: 'querystring' }, { operationId: 'a' });
    expect(read(document).document?.workflows[0]?.steps[0]?.parameters[0]?.in).toBe('querystring');
    expect(read({ ...document, arazzo: '1.0.1' }).errors).toEqual([`unknown_word ${at}/in`]);
  });
});

describe('names of outputs', () => {
  const outputs = { 'a.b-c_1': '$response.body', 'a/b': '$statusCode', ä: 'x' };

  test('have letters, digits, ".", "_" and "-"', () => {
    expect(read(withStep({ outputs })).errors).toEqual([
      'invalid_name /workflows/0/steps/0/outputs/a~1b',
      'invalid_name /workflows/0/steps/0/outputs/ä',
    ]);
    expect(read(withWorkflow({ outputs })).errors).toHaveLength(2);
  });

  test('with spaces are accepted in documents of 1.0, and reported', () => {
    const document = withWorkflow({ outputs: { 'two words': '$steps.one.outputs.a' } });
    expect(read(document).errors).toEqual(['invalid_name /workflows/0/outputs/two words']);
    expect(read({ ...document, arazzo: '1.0.1' })).toMatchObject({
      errors: [],
      warnings: ['invalid_name /workflows/0/outputs/two words'],
    });
  });
});

describe('outputs', () => {
  const selector = { context: '$response.body', selector: '$.id', type: 'jsonpath' };
  const errorsOf = (output: unknown, arazzo = '1.1.0') =>
    read({ ...withStep({ outputs: { a: output as string } }), arazzo }).errors;
  const at = '/workflows/0/steps/0/outputs/a';

  test('are strings, and Selector Objects from 1.1 on', () => {
    expect(errorsOf('$statusCode')).toEqual([]);
    expect(errorsOf(selector)).toEqual([]);
    expect(errorsOf({ ...selector, type: { type: 'xpath', version: 'xpath-31' } })).toEqual([]);
    expect(errorsOf(selector, '1.0.1')).toEqual([`wrong_type ${at}`]);
    expect(errorsOf({ selector: '$.id' })).toEqual([`missing_key ${at}`, `missing_key ${at}`]);
    expect(errorsOf(['$statusCode'])).toEqual([`wrong_type ${at}`]);
  });

  test('of other values are accepted unchanged, and reported', () => {
    for (const value of [2, true, null]) {
      expect(errorsOf(value)).toEqual([]);
      expect(read(withStep({ outputs: { a: value } })).warnings).toEqual([`outside_schema ${at}`]);
    }
  });
});

describe('a workflow as a tool', () => {
  test('can have its own name, hints and deadline', () => {
    const changed = {
      'x-mcp-name': 'get_pets',
      'x-mcp-expose': false,
      'x-annotations': { readOnlyHint: true },
      'x-timeout': 2.5,
      'x-parallel': true,
    };
    expect(read(withWorkflow(changed)).document?.workflows[0]).toMatchObject({
      toolName: 'get_pets',
      isTool: false,
      annotations: { readOnlyHint: true },
      deadlineMs: 2500,
      isParallel: true,
    });
  });

  test('has none of them by default', () => {
    const [workflow] = read(exampleDocument()).document?.workflows ?? [];
    expect(workflow).toMatchObject({ isTool: true, annotations: {}, isParallel: false });
    expect(Object.keys(workflow ?? {})).not.toContain('toolName');
  });
});

test('B048: a timeout is 1 to 300 000 milliseconds', () => {
  const timeoutOf = (timeout: number) => read(withStep({ timeout })).document?.workflows[0]?.steps[0]?.timeoutMs;
  expect([1, 300_000].map(timeoutOf)).toEqual([1, 300_000]);
  for (const timeout of [-1, 0, 1.5, 1e12]) {
    expect(read(withStep({ timeout })).errors).toEqual(['out_of_range /workflows/0/steps/0/timeout']);
  }
});

test('keys that are new in 1.1 are refused in documents of 1.0', () => {
  const step = { stepId: 'one', operationId: 'a', timeout: 5, dependsOn: ['two'] };
  const { problems } = read(exampleDocument({ arazzo: '1.0.1', workflows: [{ ...exampleWorkflow, steps: [step] }] }));
  expect(problems.toList().map(({ pointer, message }) => [pointer, message])).toEqual([
    ['/workflows/0/steps/0/timeout', '"timeout" is new in Arazzo 1.1'],
    ['/workflows/0/steps/0/dependsOn', '"dependsOn" is new in Arazzo 1.1'],
  ]);
});

test('a step depends on steps by their ids or by their paths', () => {
  const references = ['two', '$workflows.other.steps.a', '$sourceDescriptions.docs.other.steps.a'];
  expect(read(withStep({ dependsOn: references })).errors).toEqual([]);
  expect(read(withStep({ dependsOn: ['$steps.two'] })).errors).toEqual([
    'invalid_reference /workflows/0/steps/0/dependsOn/0',
  ]);
  expect(read(withStep({ dependsOn: [] })).errors).toEqual(['empty_list /workflows/0/steps/0/dependsOn']);
});

test('a replacement can have any value', () => {
  const replacements = [
    { target: '/a', value: 10 },
    { target: '/b', value: [1] },
    { target: '$.c', targetSelectorType: 'jsonpath', value: '$inputs.c' },
  ];
  const { document, errors, warnings } = read(withStep({ requestBody: { payload: {}, replacements } }));
  expect(errors).toEqual([]);
  expect(warnings).toEqual(
    [0, 1].map((index) => `outside_schema /workflows/0/steps/0/requestBody/replacements/${index}/value`),
  );
  const body = document?.workflows[0]?.steps[0]?.requestBody;
  expect(body?.replacements.map(({ value, type }) => [value.value, type])).toEqual([
    [10, undefined],
    [[1], undefined],
    ['$inputs.c', 'jsonpath'],
  ]);
});
