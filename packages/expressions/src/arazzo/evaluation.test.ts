import { afterEach, describe, expect, jest, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { exampleBudget } from '../budget.example.ts';
import { compileCondition } from '../compile-condition.ts';
import { compileTemplate } from '../compile-template.ts';
import { exampleScope } from '../scope.example.ts';
import { exampleHooks } from './hooks.example.ts';
import { parseArazzoValue } from './parse-arazzo-value.ts';
import { parseJsonTemplate } from './parse-json-template.ts';
import { parseQuery } from './parse-query.ts';
import { parseSimpleCriterion } from './parse-simple-criterion.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

/** Returns how often a text was parsed while `run` ran. */
function countParsing(run: () => void): number {
  const spies = [
    jest.spyOn(JSON, 'parse'),
    jest.spyOn(RegExp.prototype, 'exec'),
    jest.spyOn(String.prototype, 'split'),
    jest.spyOn(String.prototype, 'matchAll'),
    jest.spyOn(String.prototype, 'slice'),
  ];
  run();
  const count = spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  jest.restoreAllMocks();
  return count;
}

describe('evaluating what was compiled parses nothing', () => {
  const { hooks } = exampleHooks();
  const budget = exampleBudget();
  const compiledOf = (value: Json) => compileTemplate(parseArazzoValue(value, hooks, { selectors: true }));
  const selector = { context: '$response.body', selector: '$.users[?@.age > 30].name', type: 'jsonpath' };
  const query = parseQuery('jsonpath', '$.users[*]', hooks, { compat: true });
  const body = parseArazzoValue('$response.body', hooks);

  test.each<[string, (scope: ReturnType<typeof exampleScope>) => unknown, unknown]>([
    ['a bare expression', (scope) => compiledOf('$response.body#/users/1/name')(scope, budget), 'Bob'],
    ['a text', (scope) => compiledOf('a {$inputs.city}')(scope, budget), 'a Marseille'],
    ['a selector', (scope) => compiledOf(selector)(scope, budget), 'Bob'],
  ])('%s gives the right value', (_, evaluate, expected) => {
    expect(evaluate(exampleScope())).toBe(expected);
  });

  const compiled: [string, ReturnType<typeof compileTemplate> | ReturnType<typeof compileCondition>][] = [
    ['a bare expression', compiledOf('$response.body#/users/1/name')],
    ['a text', compiledOf('a {$inputs.city} {$inputs.delta}')],
    ['an object', compiledOf({ a: ['$inputs.items', '{$method}'] })],
    ['a JSON template', compileTemplate(parseJsonTemplate('{"a": {$inputs.items}}', hooks) ?? body)],
    ['a selector', compiledOf(selector)],
    ['a condition', compileCondition(parseSimpleCriterion("$statusCode < 300 && $method == 'get'", hooks))],
    ['a query criterion', compileCondition({ kind: 'query', in: body, query })],
  ];
  test.each(compiled)('%s', (_, evaluate) => {
    const scope = exampleScope();
    expect(countParsing(() => evaluate(scope, budget))).toBe(0);
  });
});
