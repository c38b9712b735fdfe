import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { exampleBudget } from './budget.example.ts';
import { type Budget, sizeUpTo } from './budget.ts';
import { compileCondition } from './compile-condition.ts';
import { compileTemplate } from './compile-template.ts';
import { compileUrl } from './compile-url.ts';
import { parseCondition } from './parse-condition.ts';
import { parseTemplate } from './parse-template.ts';
import { parseUrlTemplate } from './parse-url-template.ts';
import { exampleScope } from './scope.example.ts';

const MIB = 1024 * 1024;
const large = Array.from({ length: 5 * MIB }, () => 1);
const scope = exampleScope({ large, text: 'x'.repeat(100), other: [...large, 2], list: large.slice(0, 500) });

function evaluate(value: Json, budget: Budget): Json | undefined {
  return compileTemplate(parseTemplate(value).template)(scope, budget);
}

describe('a budget stops', () => {
  const usedUp = 'the budget is used up';

  test.each<[string, Json]>([
    ['a text', '$inputs.text $inputs.text'],
    ['texts of a list', ['a $inputs.text', 'b $inputs.text']],
    ['JSON in a text', 'list: $inputs.large'],
    ['JMESPath that filters', '$inputs.list[?@ == `2`]'],
    ['JMESPath that makes text', "$inputs.items[*].join($inputs.text, ['a', 'b'])"],
  ])('%s', (_name, value) => {
    expect(() => evaluate(value, exampleBudget(150))).toThrow(usedUp);
  });

  test('a URL', () => {
    const build = compileUrl(parseUrlTemplate('https://a.test/$inputs.text?q=$inputs.text').url);
    expect(() => build(scope, exampleBudget(150))).toThrow(usedUp);
    expect(build(scope, exampleBudget(200))).toContain('xxx');
  });

  test('comparing as text', () => {
    const holds = compileCondition(parseCondition('$inputs.large == $inputs.other').condition);
    expect(() => holds(scope, exampleBudget(100_000))).toThrow(usedUp);
  });

  test('before the JSON of a large value is written', () => {
    const budget = exampleBudget(100_000);
    const startMs = performance.now();
    for (let count = 0; count < 200; count += 1) {
      expect(() => evaluate('$inputs.large!', { ...budget })).toThrow(usedUp);
    }
    // Writing the value every time would take many seconds.
    expect(performance.now() - startMs).toBeLessThan(15_000);
  });
});

test('a reference creates nothing, so it needs no budget', () => {
  expect(evaluate(['$inputs.large', '$inputs.large'], exampleBudget(0))).toEqual([large, large]);
});

test('each value of an expression is charged once; literals, keys and missing values are not', () => {
  const seen: Json[] = [];
  const budget: Budget = {
    ...exampleBudget(),
    admit(value) {
      seen.push(value);
      return `<${String(value)}>`;
    },
  };
  const value = { a: '$inputs.city', b: ['literal', 'in $inputs.city', '$inputs.gone'], c: 'length($inputs.city)' };
  expect(evaluate(value, budget)).toEqual({ a: '<Marseille>', b: ['literal', '<in Marseille>', null], c: '<9>' });
  expect(seen).toEqual(['Marseille', 'in Marseille', 9]);
});

describe('the size of a value', () => {
  test.each<[Json, number]>([
    ['abc', 3],
    [null, 1],
    [12, 1],
    [['ab', 'c'], 4],
    [{ key: 'ab', other: { a: 1 } }, 14],
  ])('%j is at least %i', (value, size) => {
    expect(sizeUpTo(value, 100)).toBe(size);
    expect(JSON.stringify(value).length).toBeGreaterThanOrEqual(size);
  });

  test('is counted only until it exceeds the limit, even if parts are shared', () => {
    let value: Json = 'x'.repeat(10);
    for (let level = 0; level < 100; level += 1) value = [value, value];
    expect(sizeUpTo(value, 1000)).toBeLessThan(1100);
    expect(sizeUpTo(value, 1000)).toBeGreaterThan(1000);
  });
});
