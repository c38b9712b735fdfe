import { describe, expect, test } from '@jest/globals';
import { search } from '@jmespath-community/jmespath';
import type { Json } from '@toolplane/contracts';
import fc from 'fast-check';
import { exampleBudget } from '../budget.example.ts';
import { ExpressionError, ExpressionSyntaxError } from '../expression-error.ts';
import { exampleScope } from '../scope.example.ts';
import { compileJmespath } from './compile-jmespath.ts';
import { isJmespath, parseJmespath } from './parse-jmespath.ts';

function evaluate(text: string, inputs: { [key: string]: Json } = {}): Json {
  return compileJmespath(parseJmespath(text).expression)(exampleScope(inputs), exampleBudget());
}

describe('the mode of a string', () => {
  test.each(['$inputs.a[0]', ' $inputs.a[*].b ', 'sum($inputs.a)', 'type(x)', '$response.body.x[?a == `1`]'])(
    '%s is JMESPath',
    (text) => expect(isJmespath(text)).toBe(true),
  );
  test.each(['$inputs.a', 'x $inputs.a[0]', '$unknown[0]', 'sum ($inputs.a)', 'sum($inputs.a) in', 'total($inputs.a)'])(
    '%s is text',
    (text) => expect(isJmespath(text)).toBe(false),
  );
});

describe('JMESPath', () => {
  const alice = { name: 'Alice', age: 25 };
  const bob = { name: 'Bob', age: 35 };
  const cases: [string, Json][] = [
    ['$inputs.items[0].name', 'a'],
    ['$inputs.items[-1].name', 'b'],
    ['$response.body.users[*].name', ['Alice', 'Bob']],
    ['$response.body.users.0[*]', null],
    ['$response.body.items[0:3]', [1, 2, 3]],
    ['$response.body.items[::-1]', [4, 3, 2, 1]],
    ['$response.body.users[?age > `30`].name', ['Bob']],
    ["$response.body.users[?name == 'Alice' || age == `35`].age", [25, 35]],
    ['$response.body.users[?!(age > `30`)].name | [0]', 'Alice'],
    ["$response.body.users[?contains(name, 'li')].name", ['Alice']],
    [
      '$response.body.users[*].{n: name, top: age > `30`}',
      [
        { n: 'Alice', top: false },
        { n: 'Bob', top: true },
      ],
    ],
    [
      '$response.body.users[*].[name, age]',
      [
        ['Alice', 25],
        ['Bob', 35],
      ],
    ],
    ['$response.body.nested[]', [1, 2, [3]]],
    ['$response.body.users[].* | [0]', ['Alice', 25]],
    ['$steps.get-weather.outputs.t[*].x', [1, 2]],
    ['$inputs.nope[*].x', null],
    ['abs($inputs.delta)', 3],
    ['avg($response.body.hourly.temperature_2m)', 2],
    ['ceil($response.body.score)', 2],
    ['floor($response.body.score)', 1],
    ['flatten($response.body.nested)', [1, 2, [3]]],
    ['keys($response.body.settings)', ['a', 'b']],
    ['length($response.body.items)', 4],
    ['length($inputs.city)', 9],
    ['max($response.body.items[*])', 4],
    ['max_by($response.body.users[*], &age)', bob],
    ['max_by($response.body.users[*], &name)', bob],
    ['min($response.body.items[*])', 1],
    ['min_by($response.body.users[*], &age)', alice],
    ['reverse($response.body.items)', [4, 3, 2, 1]],
    ['sort($response.body.numbers)', [1, 9, 10]],
    ['sort_by($response.body.users[*], &age)', [alice, bob]],
    ['sum($response.body.items)', 10],
    ['sum($response.body.users[*].age)', 60],
    ['to_array($inputs.city)', ['Marseille']],
    ['to_number($inputs.city)', null],
    ['to_string($response.body.score)', '1.4'],
    ['type($response.body.users)', 'array'],
    ['values($response.body.settings)', [1, 2]],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(evaluate(text)).toEqual(expected);
  });

  test('a reference inside a filter is looked up in the scope, not in the element', () => {
    expect(evaluate('$response.body.users[?name == $inputs.wanted].age', { wanted: 'Bob' })).toEqual([35]);
  });

  test('the id of a step may look like an index; what follows it is an index', () => {
    expect(parseJmespath('$steps.3.outputs.items.0[*].x').expression).toBe('$."steps"."3"."outputs"."items"[0][*].x');
  });

  test('a reference in quotes stays text', () => {
    expect(parseJmespath("$response.body.users[?name == '$secrets.API_KEY']").references).toHaveLength(1);
    expect(evaluate("$response.body.users[?name != '$inputs.city'] | length(@)")).toBe(2);
  });

  test('an argument of the wrong type gives null, because outputs are also built for error responses', () => {
    for (const text of [
      'sum($inputs.nope)',
      'sort($inputs.items)',
      'length($inputs.delta)',
      'max_by($inputs.city, &x)',
    ]) {
      expect(evaluate(text)).toBeNull();
    }
  });

  test('looks up own properties only', () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(evaluate(`$inputs.items[*].${name}`)).toEqual([]);
    }
    expect(evaluate('$inputs.items[*].constructor', { items: [{ constructor: 1 }] })).toEqual([1]);
  });
});

describe('refuses', () => {
  const cases: [string, string][] = [
    ['length(secrets)', 'begin with a reference'],
    ['to_string(@)', 'begin with a reference'],
    ['$inputs.items[0] || secrets.API_KEY', 'begin with a reference'],
    ['$inputs.items[*] | $', '"$" does not begin'],
    ['$inputs.items[?a == $unknown.b]', '"$" does not begin'],
    ['$inputs.items[?a == $.secrets]', '"$" does not begin'],
    ['length(keys($inputs))', 'cannot nest'],
    ['sort_by($inputs.items, &length(name))', 'cannot nest'],
    ['sum($inputs.a, $inputs.b)', 'takes 1 argument'],
    ['sort_by($inputs.a, name)', 'such as &age'],
    ['$inputs.items[*].upper(@)', 'no function upper'],
    ['$inputs.items[*].constructor(@)', 'no function constructor'],
    ['$inputs.items[0] + $inputs.items[1]', 'Arithmetic is not supported'],
    ['$inputs.items[0] ? `1` : `2`', 'Ternary is not supported'],
    ['$inputs.items[*].{__proto__: @}', '__proto__'],
    ['$inputs.items[::0]', 'cannot be 0'],
    ['$inputs.items[', 'Not a valid JMESPath'],
    ["$inputs.items[?a == 'x]", 'not closed'],
    [`$inputs.items[?${'('.repeat(8000)}`, 'Not a valid JMESPath'],
    [`$inputs.items[${' '.repeat(9000)}]`, 'at most 8192'],
  ];
  test.each(cases.map(([text, message]) => [text.slice(0, 50), text, message]))('%s', (_, text, message) => {
    expect(() => parseJmespath(text)).toThrow(ExpressionSyntaxError);
    expect(() => parseJmespath(text)).toThrow(message);
  });
});

describe('says what is wrong, where, and how to mend it', () => {
  test.each<[string, number, string, string]>([
    ['$inputs.l[?b > 1]', 15, 'the number 1 is not in backticks', 'Write numbers in backticks: `1`.'],
    ['$inputs.l.0[?b==-1.5]', 16, 'the number -1.5 is not in backticks', 'Write numbers in backticks: `-1.5`.'],
    ["$inputs.l[?a == '> 1' && b > 1]", 29, 'the number 1 is not in backticks', 'Write numbers in backticks: `1`.'],
    ['$inputs.l[?b == `abc`]', 16, 'what is in backticks is not JSON', "Write text as 'abc'."],
    ["$inputs.l[?b == `it's`]", 16, 'what is in backticks is not JSON', "Write text as 'b'."],
    [' $inputs.l[?b == `1` ', 1, 'it ends too early', 'Close what is open, or remove what comes last.'],
  ])('%s', (text, offset, reason, hint) => {
    const message = `Not a valid JMESPath expression: ${reason}`;
    expect(() => parseJmespath(text)).toThrow(expect.objectContaining({ message, offset, hint }));
  });

  test.each(['$inputs.l[0:1:2:3]', "$inputs.l[?a == `1` && b == 'x'] c"])('%s: at the beginning', (text) => {
    expect(() => parseJmespath(` ${text}`)).toThrow(expect.objectContaining({ offset: 1, hint: undefined }));
  });
});

describe('work is bounded', () => {
  test('a chain of multi-selects that doubles its value is stopped', () => {
    expect(() => evaluate(`$inputs.items[0]${'.[@,@]'.repeat(1000)}`)).toThrow(ExpressionError);
    expect(() => evaluate(`$inputs.items[*]${'.[@,@][]'.repeat(100)}`)).toThrow(ExpressionError);
  });

  test('a filter that is quadratic in the response is stopped', () => {
    const items = Array.from({ length: 20_000 }, (_, index) => index);
    expect(() => evaluate('$inputs.items[?contains($inputs.items, @)]', { items })).toThrow(ExpressionError);
  });

  test('a text that repeats a large one is stopped before it is built', () => {
    const inputs = { glue: 'x'.repeat(1_000_000), list: Array.from({ length: 300 }, () => '') };
    expect(() => evaluate('$inputs.list[0:1].join($inputs.glue, $inputs.list)', inputs)).toThrow('too much work');
  });

  test('a response nested deeper than the stack is an expression error', () => {
    const nest = () => JSON.parse(`${'['.repeat(100_000)}1${']'.repeat(100_000)}`) as Json;
    const inputs = { deep: nest(), other: nest() };
    expect(() => evaluate('$inputs.deep[?@ == $inputs.other[0]]', inputs)).toThrow(ExpressionError);
    expect(() => evaluate('to_string($inputs.deep)', inputs)).toThrow(ExpressionError);
  });
});

// The library's interpreter is the reference wherever it does not read prototypes, fail, or sort numbers.
test('agrees with the reference implementation on random data', () => {
  const expressions = [
    '[*].a',
    '[?a == b]',
    '[?a > b].b',
    '[].a',
    '[][]',
    '[*].[a, b]',
    '[*].{x: a}',
    '[0]',
    '[-1].a',
    '[1:]',
    '[::-2]',
    '[?a && !b]',
    '[?a || b] | [0]',
    '[*].a.b',
    '[*].*',
    '[?type(a) == `"number"`]',
  ];
  const scalar = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom('', 'x', null, true, false));
  const member = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }), fc.record({ b: scalar }, { requiredKeys: [] }));
  const items = fc.array(fc.oneof(member, fc.record({ a: member, b: member }, { requiredKeys: [] })), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...expressions), items, (suffix, data) => {
      const reference = search({ items: data as Json } as never, `items${suffix}`) as Json;
      expect(evaluate(`$inputs.items${suffix}`, { items: data as Json })).toEqual(reference);
    }),
    { numRuns: 300 },
  );
});
