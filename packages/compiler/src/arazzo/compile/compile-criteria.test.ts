import { describe, expect, test } from '@jest/globals';
import type { Condition, Json, JsonObject } from '@toolplane/contracts';
import { codesOf, type Example, problemsOf, stepOf } from './compile.example.ts';

const criteria = (...successCriteria: Json[]): Example => ({
  steps: [{ stepId: 'a', operationId: 'read', successCriteria }],
  workflow: { inputs: { type: 'object', properties: { id: {} } } },
});

function successOf(example: Example): Condition | undefined {
  return stepOf(example).failure?.succeeds;
}

const status = { kind: 'reference', path: ['response', 'status'] };
const compare = (operator: string, value: number) => ({
  kind: 'compare',
  operator,
  left: status,
  right: { kind: 'literal', value },
});
const body = { kind: 'reference', path: ['response', 'body'] };

describe('success criteria', () => {
  test('all have to hold, in order', () => {
    const one = { condition: '$statusCode == 200' };
    expect(successOf(criteria(one))).toEqual({ kind: 'simple', of: compare('==', 200) });
    expect(successOf(criteria(one, { condition: '$statusCode != 204' }))).toEqual({
      kind: 'and',
      of: [
        { kind: 'simple', of: compare('==', 200) },
        { kind: 'simple', of: compare('!=', 204) },
      ],
    });
  });

  test('a regular expression searches its context', () => {
    expect(successOf(criteria({ type: 'regex', context: '$response.body', condition: '^a{$inputs.id}' }))).toEqual({
      kind: 'regex',
      in: body,
      pattern: ['^a', { path: ['inputs', 'id'] }],
    });
  });

  test('JSONPath is read as public documents write it, unless jsonPathCompat forbids it', () => {
    const written = criteria({ type: 'jsonpath', context: '$response.body', condition: '$[?count(@.items) > 0]' });
    const query = { language: 'jsonpath', text: '$[?count(@.items) > 0]' };
    expect(successOf(written)).toEqual({ kind: 'query', in: body, query: { ...query, on: 'list-unless-list' } });
    const root = { 'x-settings': { jsonPathCompat: false } };
    expect(successOf({ ...written, root })).toEqual({ kind: 'query', in: body, query });
  });

  test('an expression of XPath 3.1 is a query', () => {
    const type = { type: 'xpath', version: 'xpath-31' };
    expect(successOf(criteria({ type, context: '$response.body', condition: '//item' }))).toEqual({
      kind: 'query',
      in: body,
      query: { language: 'xpath', text: '//item' },
    });
  });

  test('a type needs a context', () => {
    expect(codesOf(criteria({ type: 'regex', condition: 'a' }))).toEqual(['error missing_key']);
    expect(codesOf(criteria({ type: 'simple', context: '$response.body', condition: '$statusCode == 200' }))).toEqual(
      [],
    );
  });

  test('a context that is plain text is a warning', () => {
    expect(codesOf(criteria({ type: 'regex', context: 'text', condition: 'a' }))).toEqual(['warning literal_context']);
  });

  test('an invalid condition is reported with its place', () => {
    expect(problemsOf(criteria({ condition: '$statusCode = 200' }))).toEqual([
      expect.stringMatching('^error invalid_expression /workflows/0/steps/0/successCriteria/0/condition: '),
    ]);
  });
});

describe('without criteria', () => {
  const within = (min: number, below: number) => ({ kind: 'and', of: [compare('>=', min), compare('<', below)] });

  test('any 2xx is a success', () => {
    expect(successOf({})).toEqual({ kind: 'simple', of: within(200, 300) });
  });

  test('a response that the operation documents as no error is one, if defaultSuccess says so', () => {
    const documented = (...statuses: string[]) => {
      const responses: JsonObject = Object.fromEntries(statuses.map((each) => [each, { description: '' }]));
      const paths = { '/items': { get: { operationId: 'read', responses } } };
      return successOf({ paths, root: { 'x-settings': { defaultSuccess: 'documented' } } });
    };
    const simple = (of: Json) => ({ kind: 'simple', of });
    expect(documented('200', '404')).toEqual(simple(compare('==', 200)));
    expect(documented('302', '2XX', '4XX')).toEqual(simple({ kind: 'or', of: [compare('==', 302), within(200, 300)] }));
    expect(documented('default')).toEqual(simple(within(100, 400)));
    expect(documented('404')).toEqual(simple(within(200, 300)));
  });

  test('a called workflow itself decides whether it succeeded', () => {
    const sub = { workflowId: 'sub', steps: [{ stepId: 'a', operationId: 'read' }] };
    expect(successOf({ steps: [{ stepId: 'a', workflowId: 'sub' }], workflows: [sub] })).toEqual({
      kind: 'literal',
      value: true,
    });
  });
});
