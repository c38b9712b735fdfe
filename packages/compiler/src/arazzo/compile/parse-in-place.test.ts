import assert from 'node:assert';
import { describe, expect, test } from '@jest/globals';
import { compileCondition } from '@toolplane/expressions';
import { compileDocument } from '../../compile-document.ts';
import { codesOf, type Example, problemsOf, stepOf, toOpenApi } from './compile.example.ts';

const giving = (value: string): Example => ({
  steps: [{ stepId: 'a', operationId: 'read', outputs: { value } }],
  workflow: { inputs: { type: 'object', properties: { id: {} } } },
});

describe('an output that is always the same text is reported', () => {
  test.each(['response.body.id', '$foo.bar', 'found', ''])('"%s"', (value) => {
    expect(codesOf(giving(value))).toEqual(['warning literal_output']);
  });

  test.each(['$response.body#/id', '$self', '{$inputs.id}-{$statusCode}', 'item {$statusCode}'])(
    '%s is not one',
    (value) => {
      expect(codesOf(giving(value))).not.toContain('warning literal_output');
    },
  );

  test('an expression in braces is reported as text instead', () => {
    expect(codesOf(giving('{$response.body#/id}'))).toEqual(['warning text_output']);
  });

  test('an error is reported only as an error', () => {
    expect(codesOf(giving('$inputs.'))).toEqual(['error invalid_expression']);
  });
});

test('a mistyped expression in a text or a JSON template is reported', () => {
  const send = (payload: string) =>
    problemsOf({ steps: [{ stepId: 'a', operationId: 'write', requestBody: { payload } }] }).filter((problem) =>
      problem.startsWith('warning lenient_expression'),
    );
  expect(send('x {$input.a}')).toHaveLength(1);
  expect(send('{"a": "{$input.a}"}')).toHaveLength(1);
  expect(send('{"a": "${inputs.a}"}')).toHaveLength(1);
});

// Cookies cannot be joined with commas like the values of other headers.
test.each([
  ["$response.header.SET-Cookie == 'a=1'", true],
  ["$response.header.x-a == 'one, two'", true],
  ["$response.header.X-A == 'one'", false],
])('a header is named in any case, and of several cookies the first one counts: %s', (condition, expected) => {
  const { failure } = stepOf({ steps: [{ stepId: 'a', operationId: 'read', successCriteria: [{ condition }] }] });
  const headers = { 'set-cookie': ['a=1', 'b=2'], 'x-a': 'one, two' };
  const none = { inputs: {}, steps: {}, outputs: {}, secrets: {}, current_user: {}, config: {} };
  const scope = { ...none, response: { status: 200, headers, body: null } };
  const budget = { unitsLeft: 1000, createError: () => new Error('used up') };
  assert(failure !== undefined);
  expect(compileCondition(failure.succeeds)(scope, budget)).toBe(expected);
});

describe('a problem in an expression is reported at the place of the expression', () => {
  /** Returns the errors as `line:column code`. */
  function errorsIn(payload: string): string[] {
    const definition = [
      'arazzo: 1.1.0',
      'info: { title: Example, version: "1" }',
      'sourceDescriptions: [{ name: api, url: https://api.example.test/openapi.json }]',
      'workflows:',
      '- workflowId: main',
      '  steps:',
      '  - stepId: a',
      '    operationId: write',
      '    requestBody:',
      '      payload: ',
    ].join('\n');
    const location = 'https://api.example.test/openapi.json';
    const references = [{ name: 'api', content: JSON.stringify(toOpenApi({})), location }];
    const options = { workspaceId: 'w', serverId: 's', secretNames: [], allowedHosts: [], references };
    const { diagnostics } = compileDocument(definition + payload, options);
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    assert(errors.length > 0);
    return errors.map(({ line, column, code }) => `${line}:${column} ${code}`);
  }

  test('not where the same text occurs earlier', () => {
    const payload = '\n        $steps.x.outputs.y: 1\n        a: [no $steps.x.outputs.y, $steps.x.outputs.y]\n';
    expect(errorsIn(payload)).toEqual(['12:36 unknown_step']);
  });

  test('at its line and column in a block', () => {
    const payload = '|\n        {\n          "a": "$5",\n          "b": "x {$steps.x.outputs.y}"\n        }\n';
    expect(errorsIn(payload)).toEqual(['13:20 unknown_step']);
  });
});
