import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import fc from 'fast-check';
import { exampleBudget } from '../budget.example.ts';
import { compileCondition } from '../compile-condition.ts';
import { exampleScope } from '../scope.example.ts';
import type { ResponseScope, Scope, StepScope } from '../scope.ts';
import { exampleHooks } from './hooks.example.ts';
import { parseSimpleCriterion } from './parse-simple-criterion.ts';
import { readVectors } from './vectors.example.ts';

const vectors = readVectors<{
  context: {
    statusCode: number;
    method: string;
    url: string;
    response: { header: Scope['inputs']; body: Json };
    request: { header: Scope['inputs']; query: Scope['inputs']; path: Scope['inputs']; body: Json };
    inputs: Scope['inputs'];
    steps: Record<string, StepScope>;
  };
  cases: { condition: string; expect: boolean | 'invalid' | 'ambiguous' | 'lenient' }[];
}>('simple-conditions');

function vectorScope(): Scope {
  const { request, response, method, url, statusCode, inputs, steps } = vectors.context;
  return {
    ...exampleScope(),
    inputs,
    steps,
    request: { method, url, headers: request.header, query: request.query, path: request.path, body: request.body },
    response: { status: statusCode, headers: response.header, body: response.body },
  };
}

function scopeOf(inputs: Scope['inputs'], body: ResponseScope['body'] = {}): Scope {
  return { ...exampleScope(inputs), response: { status: 200, headers: {}, body } };
}

function holds(text: string, scope: Scope = exampleScope()): boolean {
  const { hooks, errors } = exampleHooks();
  const condition = parseSimpleCriterion(text, hooks);
  expect(errors).toEqual([]);
  return compileCondition(condition)(scope, exampleBudget());
}

function reported(text: string): { errors: string[]; warnings: string[] } {
  const { hooks, errors, warnings } = exampleHooks();
  parseSimpleCriterion(text, hooks);
  return { errors, warnings };
}

describe('every condition of the vectors', () => {
  // The specification leaves these cases open. The decision is: numbers as text are ordered as numbers, zero and an
  // empty text are false, and a list is true.
  const decided = new Map([
    ["'10' < '9'", false],
    ['$response.body.count', false],
    ['$response.body.empty', false],
    ['$response.body.list', true],
  ]);
  test.each(vectors.cases.map((one) => [one.condition, one.expect] as const))('%s is %s', (text, expected) => {
    if (expected === 'invalid') expect(reported(text).errors).toHaveLength(1);
    else if (expected === 'lenient') {
      expect(reported(text).warnings).toHaveLength(1);
      expect(holds(text, vectorScope())).toBe(true);
    } else {
      const alone = /(?:^|&& )(?:true|false|null)$/.test(text);
      expect(reported(text).warnings).toEqual(
        alone ? [expect.stringContaining('alone always has the same result')] : [],
      );
      expect(holds(text, vectorScope())).toBe(expected === 'ambiguous' ? decided.get(text) : expected);
    }
  });
});

describe('texts compare ignoring case', () => {
  test.each(["'a' == 'A'", "!('a' != 'A')", "'A' < 'b'", "'a' <= 'A'", "'B' > 'a'", "'A' >= 'a'", "'É' == 'é'"])(
    '%s',
    (text) => {
      expect(holds(text)).toBe(true);
    },
  );
});

describe('null and absent values are equal only to each other, and have no order', () => {
  test.each<[string, boolean]>([
    ['null == null', true],
    ['$inputs.nope == $inputs.nothing', true],
    ['$inputs.nope != null', false],
    ['null == 0', false],
    ["null == ''", false],
    ['null == false', false],
    ['null != 0', true],
    ['null <= null', false],
    ['null >= 0', false],
    ['$inputs.nope < 1', false],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });
});

describe('types', () => {
  test.each<[string, boolean]>([
    ["1 == '1.0'", true],
    ["'1' == '1.0'", false],
    ["'10' > 9", true],
    ["'10' > '9'", true],
    ["'10' > '9a'", false],
    ["true == 'true'", false],
    ['true == 1', false],
    ['true > false', false],
    ["1 < 'a'", false],
    ["1 != 'a'", true],
    ['$inputs.list == $inputs.same', true],
    ['$inputs.list == 1', false],
    ['$inputs.list < 1', false],
    ["$inputs.one == '1'", false],
  ])('%s is %s', (text, expected) => {
    expect(holds(text, scopeOf({ list: [1], same: [1], one: [1] }))).toBe(expected);
  });
});

describe('&& before ||, ! before both, with short-circuit evaluation', () => {
  test.each<[string, boolean]>([
    ['true || false && false', true],
    ['(true || false) && false', false],
    ['!false && !(false || false)', true],
    ['!$inputs.nope || false', true],
    ['! ( true )', false],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });
});

describe('numbers', () => {
  test.each(['-3 == -3.0', '1e3 == 1000', '1.5E-1 == 0.15', '$inputs.delta < -2.5', '$response.body.count >= 0'])(
    '%s',
    (text) => {
      expect(holds(text, scopeOf({ delta: -3 }, { count: 0 }))).toBe(true);
    },
  );
});

// Without a warning, "200 || 201" would let every response pass unnoticed.
describe('a value that is compared with nothing is reported, at its place', () => {
  test.each<[string, number[]]>([
    ['$statusCode == 200 || 201', [22]],
    ["$statusCode == 200 && 'x'", [22]],
    ['true', [0]],
    ["'x'", [0]],
    ['!(false)', [2]],
    ['!0 || null', [1, 6]],
    ['($inputs.a || true) && $inputs.b', [14]],
    ['$inputs.a && !$inputs.b', []],
    ['$inputs.a == true && 1 < $inputs.b', []],
  ])('%s', (text, offsets) => {
    const { errors, warnings } = reported(text);
    expect(errors).toEqual([]);
    expect(warnings.map((warning) => Number(/^:(\d+) .*alone always/.exec(warning)?.[1]))).toEqual(offsets);
  });
});

describe("texts, with '' for a quote", () => {
  test.each([
    "'it''s' == $inputs.quoted",
    "'' == $inputs.empty",
    "'a\\' == $inputs.backslash",
    "'$inputs.quoted' != 'x' && 'a)' == 'A)'",
  ])('%s', (text) => {
    expect(holds(text, scopeOf({ quoted: "It's", empty: '', backslash: 'A\\' }))).toBe(true);
  });
});

describe('refused, with the offset and advice', () => {
  const cases: [string, number, string][] = [
    ['', 0, 'missing'],
    ['$statusCode = 200', 12, '"=="'],
    ['$statusCode === 200', 12, '"=="'],
    ['$statusCode !== 200', 12, '"!="'],
    ['$statusCode ==', 14, 'missing'],
    ['$statusCode == 200)', 18, 'not expected'],
    ['($statusCode == 200', 19, '")" is missing'],
    ['1 < $statusCode < 3', 16, '&&'],
    ['!$inputs.a == 1', 11, '!(a == b)'],
    ['!!true', 1, 'missing'],
    ['$inputs.a * 2 == 4', 10, 'calculate'],
    ['$inputs.a+2 == 4', 9, 'calculate'],
    ['length($inputs.x) > 1', 0, 'functions'],
    ['a.b(1)', 0, 'functions'],
    ['$nope == 1', 0, 'must begin with'],
    ['$steps.unknown.outputs.x == 1', 7, 'no step'],
    ['$secrets.X == 1', 0, 'not allowed'],
    ["$statusCode == 'abc", 15, 'not closed'],
    ['$statusCode == 200 and true', 19, '&&'],
    ['$statusCode == 200 & true', 19, '&&'],
    ['available', 0, 'single quotes'],
    ['$inputs.a == not found', 13, 'Write &&'],
    ['$inputs.a == two words', 17, 'single quotes'],
    ['1.2.3 == 1', 0, 'single quotes'],
    ['1e999 == 1', 0, 'too large'],
    ['1 == 12345678901234567890', 5, 'single quotes'],
    ['$inputs.a[*] == 1', 9, 'Selector'],
    ['$sourceDescriptions.s.x-list == 1', 0, 'lists or objects'],
    ['{$statusCode.x} == 1', 12, '"}"'],
  ];
  test.each(cases)('%s', (text, offset, message) => {
    expect(reported(text).errors).toEqual([expect.stringContaining(message)]);
    expect(reported(text).errors[0]).toMatch(new RegExp(`^:${offset} `));
  });
});

describe('what public documents write is accepted with a warning', () => {
  test.each([
    '$inputs.city == marseille',
    '$inputs.city == "Marseille"',
    '$inputs.flag == True',
    '{$inputs.flag} == true',
    '$inputs.items.length == 2',
    '$inputs.pair#0',
  ])('%s', (text) => {
    expect(holds(text, exampleScope({ flag: true, pair: [1] }))).toBe(true);
    expect(reported(text).warnings).toHaveLength(1);
  });

  test('a member named length stays that member', () => {
    expect(holds('$response.body.length == 7', scopeOf({}, { length: 7 }))).toBe(true);
  });
});

describe('B066: too much is a compile error, at once', () => {
  test.each([
    ['operands', Array.from({ length: 201 }, () => '1').join('&&'), 'at most 200'],
    ['ten thousand operators', '1&&'.repeat(10_000), 'at most 8192'],
    ['opening brackets', '('.repeat(8000), 'at most 32 levels'],
    ['closing brackets', ')'.repeat(8000), 'missing'],
    ['negations', '!'.repeat(8000), 'missing'],
    ['a megabyte', `'${'x'.repeat(1_000_000)}'`, 'at most 8192'],
  ])('%s', (_, text, message) => {
    const startMs = performance.now();
    expect(reported(text).errors).toEqual([expect.stringContaining(message)]);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});

test('a condition with an error never holds', () => {
  const { hooks } = exampleHooks();
  expect(compileCondition(parseSimpleCriterion('!(', hooks))(exampleScope(), exampleBudget())).toBe(false);
});

test('a value that cannot be compared fails the criterion, even after a !', () => {
  let deep: Json = [];
  for (let depth = 0; depth < 20_000; depth += 1) deep = [deep];
  const scope = scopeOf({ deep, list: [] });
  expect(holds('$inputs.deep == $inputs.list', scope)).toBe(false);
  expect(holds('!($inputs.deep == $inputs.list)', scope)).toBe(false);
});

test('a value is never parsed as a condition', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom("' || true || '", '$secrets.API_KEY', '{$statusCode}')), (v) => {
      expect(holds("$inputs.v == 'key'", scopeOf({ v }))).toBe(v.toLowerCase() === 'key');
    }),
  );
});

test('parsing reports problems and never throws', () => {
  const fragment = fc.constantFrom(
    '$statusCode',
    '==',
    '!',
    '(',
    ')',
    '&&',
    '||',
    "'a'",
    '1',
    ' ',
    'null',
    '=',
    '$',
    '-',
    '{',
    '}',
    '"',
    '.a',
    '[0]',
    '#/',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fragment, { maxLength: 15 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (condition) => {
      const { hooks } = exampleHooks();
      compileCondition(parseSimpleCriterion(condition, hooks))(exampleScope(), exampleBudget());
    }),
  );
});

test('a body that does not parse has nothing in it', () => {
  expect(holds('$response.body#/id != null', scopeOf({}, '{"id":'))).toBe(false);
  expect(holds('$response.body#/id != null', scopeOf({}, { id: 1 }))).toBe(true);
});
