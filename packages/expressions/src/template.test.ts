import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import fc from 'fast-check';
import { exampleBudget } from './budget.example.ts';
import { compileTemplate } from './compile-template.ts';
import { ExpressionSyntaxError } from './expression-error.ts';
import { parseTemplate } from './parse-template.ts';
import { exampleScope } from './scope.example.ts';
import type { Scope } from './scope.ts';

function evaluate(value: Json, scope: Scope = exampleScope()): Json | undefined {
  return compileTemplate(parseTemplate(value).template)(scope, exampleBudget());
}

describe('a string that is one reference keeps the native value', () => {
  const cases: [string, Json | undefined][] = [
    ['$inputs.delta', -3],
    ['$response.body.users.0.name', 'Alice'],
    ['$inputs.items.0.name', 'a'],
    ['{$inputs.items}', [{ name: 'a' }, { name: 'b' }]],
    ['$inputs.nothing', null],
    ['$inputs.nope', undefined],
    ['$inputs.items.name', undefined],
    ['$inputs.items.2', undefined],
    ['$inputs.items.length', undefined],
    ['$inputs.city.length', undefined],
    ['$statusCode', 202],
    ['$status', 202],
    ['$method', 'GET'],
    ['$url', 'https://api.example.test/?q=1'],
    ['$currentUser.token', 'tok'],
    ['$steps.get-weather.outputs.temperature', 22.5],
    ['$response.headers.Content-Type', 'application/json'],
    ['$config.Org-Id', 'acme'],
    ['$config.org_id', 'acme'],
    ['$current_user.org_id', 'acme'],
    ['$config.unsent', ''],
    ['$answers.traveller.content.seats', 2],
    ['$answers.folders.roots.0.uri', 'file:///a'],
    ['$answers.folders.roots[*].uri', ['file:///a', 'file:///b']],
    ['$answers.skipped', null],
    ['$answers.skipped.content.name', undefined],
    ['$answers.never', undefined],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });
});

describe('references in a text become text', () => {
  const cases: [string, string][] = [
    ['$response.body.current.temperature_2m $response.body.current_units.temperature_2m', '22.5 °C'],
    ['$steps.get-weather.outputs.temperature in $inputs.city', '22.5 in Marseille'],
    ['$outputs.lat, $response.body.users.0.age', '48.8, 25'],
    ['Bearer $secrets.API_KEY', 'Bearer k'],
    ['For $answers.traveller.content.name: {$answers.summary.content.text}', 'For Ada: Short.'],
    ['nom%3A"$inputs.parking"', 'nom%3A"Mail"'],
    ['{ "a": "{$inputs.left_url}" }', '{ "a": "L" }'],
    ['{{$inputs.left_url}}', '{L}'],
    ['{$inputs.left_url', '{L'],
    ['in $inputs.city.', 'in Marseille.'],
    ['$inputs.city-', 'Marseille-'],
    ['a$inputs.nope!', 'a!'],
    ['a${nothing}$inputs.nothing!', 'a${nothing}!'],
    ['costs $5 and $unknown.x', 'costs $5 and $unknown.x'],
    ['$statusCode2', '$statusCode2'],
    ['list: $inputs.items', 'list: [{"name":"a"},{"name":"b"}]'],
    ['$inputs.city$inputs.delta', 'Marseille-3'],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(evaluate(text)).toBe(expected);
  });
});

test('objects and lists are traversed; keys and other values stay unchanged', () => {
  const value = { a: ['$inputs.city', 3, null], '$inputs.city': true };
  expect(evaluate(value)).toEqual({ a: ['Marseille', 3, null], '$inputs.city': true });
});

test('a missing value is null inside an object or a list', () => {
  expect(evaluate({ a: '$inputs.nope', b: ['$inputs.nope'] })).toEqual({ a: null, b: [null] });
});

test('a value without references is one literal, however deep', () => {
  expect(parseTemplate({ a: [{ b: 'text' }] }).template).toEqual({ kind: 'literal', value: { a: [{ b: 'text' }] } });
});

test('prototype names resolve to nothing', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'constructor.prototype', '__proto__.polluted']) {
    expect(evaluate(`$inputs.${name}`)).toBeUndefined();
    expect(evaluate(`$response.body.items.${name}`)).toBeUndefined();
  }
});

test('references are reported with their place, as written and as resolved', () => {
  expect(parseTemplate({ a: ['x {$config.Org-Id}'] }).references).toEqual([
    { path: ['config', 'org_id'], pointer: '/a/0', offset: 3, text: '$config.Org-Id', isJmespath: false },
  ]);
});

test('every faulty string is reported and used literally if a listener is given', () => {
  const errors: string[] = [];
  const { template } = parseTemplate({ a: 'sum(1', b: 'sum(x)', c: ['$inputs.a[?'] }, (error) =>
    errors.push(error.pointer),
  );
  expect(errors).toEqual(['/b', '/c/0']);
  expect(template).toEqual({ kind: 'literal', value: { a: 'sum(1', b: 'sum(x)', c: ['$inputs.a[?'] } });
});

describe('properties', () => {
  // An expression inside a value must never be evaluated: it would let a caller read the secrets of a server.
  test('substituted text is never scanned again, in any position', () => {
    const hostile = fc.oneof(
      fc.constantFrom('$secrets.API_KEY', '{$secrets.API_KEY}', '$inputs.v', '$&', "$'", '$$', '${7*7}', '{{7*7}}'),
      fc.string(),
    );
    fc.assert(
      fc.property(hostile, hostile, (v, w) => {
        const scope = exampleScope({ v, w, list: [{ v }] });
        expect(evaluate('$inputs.v', scope)).toBe(v);
        expect(evaluate('{$inputs.v}', scope)).toBe(v);
        expect(evaluate('a$inputs.v{$inputs.w}b', scope)).toBe(`a${v}${w}b`);
        expect(evaluate({ k: ['$inputs.v'] }, scope)).toEqual({ k: [v] });
        expect(evaluate('$inputs.list[*].v', scope)).toEqual([v]);
        expect(evaluate('to_string($inputs.v)', scope)).toBe(v);
      }),
    );
  });

  test('parsing fails with a syntax error or not at all', () => {
    const fragments = fc.constantFrom(
      '$inputs.a',
      '$steps.b-',
      '[',
      ']',
      '[?',
      '(',
      ')',
      'sum(',
      '`',
      "'",
      '{',
      '}',
      '.',
      '*',
      '@',
      '|',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fragments, { maxLength: 12 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(fc.oneof(text, fc.jsonValue()), (value) => {
        try {
          compileTemplate(parseTemplate(value as Json).template);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(ExpressionSyntaxError);
        }
      }),
    );
  });
});
