import { describe, expect, test } from '@jest/globals';
import type { Json, PatternText, Query } from '@toolplane/contracts';
import { exampleBudget } from '../budget.example.ts';
import { exampleScope } from '../scope.example.ts';
import { compileQueryCriterion, compileRegexCriterion } from './criteria.ts';

const value = (of: Json) => ({ kind: 'literal' as const, value: of });
const city = (inside?: "'" | '"') => ({ path: ['inputs', 'city'], ...(inside === undefined ? {} : { inside }) });

function matches(of: Json, pattern: PatternText, flags?: string, inputs: { city?: Json } = {}): boolean {
  const holds = compileRegexCriterion({
    kind: 'regex',
    in: value(of),
    pattern,
    ...(flags === undefined ? {} : { flags }),
  });
  return holds(exampleScope(inputs), exampleBudget());
}

function holds(language: Query['language'], of: Json, text: PatternText, inputs: { city?: Json } = {}): boolean {
  const evaluate = compileQueryCriterion({ kind: 'query', in: value(of), query: { language, text } });
  return evaluate(exampleScope(inputs), exampleBudget());
}

describe('a regular expression', () => {
  test.each<[Json, string, boolean]>([
    ['the order is shipped', 'order', true],
    ['the order is shipped', '^order', false],
    [200, '^20', true],
    [-1.5, '^-1\\.5$', true],
    [true, '^true$', true],
    [{ a: [1, 'x'] }, '^\\{"a":\\[1,"x"\\]\\}$', true],
    [[1, 2], '1,2', true],
    ['', '^$', true],
    [null, '', false],
    [null, 'null', false],
  ])('in %j, %s: %j', (of, pattern, expected) => {
    expect(matches(of, pattern)).toBe(expected);
  });

  test('is not found in a value that is absent', () => {
    const evaluate = compileRegexCriterion({
      kind: 'regex',
      in: { kind: 'reference', path: ['inputs', 'gone'] },
      pattern: '',
    });
    expect(evaluate(exampleScope(), exampleBudget())).toBe(false);
  });

  test('has the flags i, m and s', () => {
    expect(matches('ORDER', 'order')).toBe(false);
    expect(matches('ORDER', 'order', 'i')).toBe(true);
    expect(matches('a\nb', '^b$', 'm')).toBe(true);
    expect(matches('a\nb', 'a.b', 's')).toBe(true);
  });
});

describe('a query', () => {
  test.each<[Query['language'], Json, string, boolean]>([
    ['jsonpath', { a: [] }, '$.a', true],
    ['jsonpath', { a: null }, '$.a', true],
    ['jsonpath', { a: [] }, '$.a[*]', false],
    ['jsonpath', 'text', '$', true],
    ['jsonpath', null, '$', false],
    ['xpath', '<pets><pet><id>1</id></pet></pets>', "//pet[id = '1']", true],
    ['xpath', '<pets><pet><id>2</id></pet></pets>', "//pet[id = '1']", false],
    ['xpath', null, 'true()', false],
    ['jsonpointer', { a: [false] }, '/a/0', true],
    ['jsonpointer', { a: [false] }, '/a/1', false],
  ])('%s on %j: %s is %j', (language, of, text, expected) => {
    expect(holds(language, of, text)).toBe(expected);
  });
});

describe('a value is inserted before the query is parsed', () => {
  const pets = [{ id: 'Marseille' }, { id: "L'Isle" }, { id: '"quoted"' }, { id: 'back\\slash' }, { id: 'a\nb' }];
  const inSingle: PatternText = ["$[?@.id == '", city("'"), "']"];
  const inDouble: PatternText = ['$[?@.id == "', city('"'), '"]'];

  test.each(pets)('and found, whatever it contains: $id', ({ id }) => {
    expect(holds('jsonpath', pets, inSingle, { city: id })).toBe(true);
    expect(holds('jsonpath', pets, inDouble, { city: id })).toBe(true);
    expect(holds('jsonpath', [], inSingle, { city: id })).toBe(false);
  });

  // A caller who could end the literal would decide how a document branches.
  test.each(["x' || @.id != 'y", "\\' || @.id != \\'y", "x'] , $[?@.id != 'y"])(
    '%s cannot end the quotes of JSONPath',
    (attack) => {
      expect(holds('jsonpath', pets, inSingle, { city: attack })).toBe(false);
      expect(holds('jsonpath', pets, inDouble, { city: attack.replaceAll("'", '"') })).toBe(false);
    },
  );

  test.each(["x' or '1' = '1", "' or //* or '", "x&apos; or 1 = 1 or '"])(
    '%s cannot end the quotes of XPath',
    (attack) => {
      const xml = '<pets><pet><id>1</id></pet></pets>';
      expect(holds('xpath', xml, ["//pet[id = '", city("'"), "']"], { city: '1' })).toBe(true);
      expect(holds('xpath', xml, ["//pet[id = '", city("'"), "']"], { city: attack })).toBe(false);
      const doubled = attack.replaceAll("'", '"');
      expect(holds('xpath', xml, ['//pet[id = "', city('"'), '"]'], { city: doubled })).toBe(false);
    },
  );

  test('in a JSON Pointer it is one name', () => {
    const answer = { 'a/b': { '~c': 1 }, a: { b: 2 } };
    expect(holds('jsonpointer', answer, ['/', city(), '/~0c'], { city: 'a/b' })).toBe(true);
    expect(holds('jsonpointer', answer, ['/', city()], { city: 'a/c' })).toBe(false);
  });

  test('also in a URI fragment', () => {
    const answer = { 'a/b %20': 1 };
    expect(holds('jsonpointer', answer, ['#/', city()], { city: 'a/b %20' })).toBe(true);
    expect(holds('jsonpointer', answer, ['#/', city()], { city: 'a~1b%20%2520' })).toBe(false);
  });

  test('numbers stay numbers, and a whole pattern stays a pattern', () => {
    expect(holds('jsonpath', pets, ['$[', city(), ']'], { city: 4 })).toBe(true);
    expect(holds('jsonpath', pets, ['$[', city(), ']'], { city: 5 })).toBe(false);
    expect(matches('Marseille', ['^', city(), '$'])).toBe(true);
    expect(matches('Marseille', [city()], undefined, { city: '^M.*e$' })).toBe(true);
  });

  // Arazzo inserts values before the query is parsed: without quotes, a caller would decide the branch.
  test.each(['1 || @', "'1' || true", '1] | $[*', '@.id', 'true', "' || '1' == '1"])(
    'outside quotes %s is only text',
    (attack) => {
      const open: PatternText = ['$[?@.id == ', city(), ']'];
      expect(holds('jsonpath', pets, open, { city: attack })).toBe(false);
      expect(holds('jsonpath', [{ id: attack }], open, { city: attack })).toBe(true);
    },
  );

  test.each(['1 or true()', "'1' or 1", '//*', 'true()', "' or '1' = '1"])(
    'outside the quotes of XPath %s is only text',
    (attack) => {
      const xml = '<pets><pet><id>1</id></pet></pets>';
      expect(holds('xpath', xml, ['//pet[id = ', city(), ']'], { city: attack })).toBe(false);
      expect(holds('xpath', xml, ['//pet[id = ', city(), ']'], { city: '1' })).toBe(true);
    },
  );

  test('outside quotes, a value that is not a string becomes the keyword of the language', () => {
    const values = [1.5, true, false, null];
    for (const value of values) {
      expect(holds('jsonpath', [{ id: value }], ['$[?@.id == ', city(), ']'], { city: value })).toBe(true);
      expect(holds('jsonpath', [{ id: 'x' }], ['$[?@.id == ', city(), ']'], { city: value })).toBe(false);
    }
    expect(holds('xpath', '<a>2</a>', ['(a > 1) = ', city()], { city: true })).toBe(true);
    expect(holds('xpath', '<a>2</a>', ['(a > 1) = ', city()], { city: false })).toBe(false);
    expect(holds('xpath', '<a>2</a>', ['empty(', city(), ')'], { city: null })).toBe(true);
  });

  test.each(['.*', 'a|', '[a-z]+', '(', '\\w', 'a-z', '/', '{2}'])('in a pattern %s means itself', (text) => {
    const anchored: PatternText = ['^', city(), '$'];
    expect(matches(text, anchored, undefined, { city: text })).toBe(true);
    expect(matches('abc', anchored, undefined, { city: text })).toBe(false);
    expect(matches('b', ['^[x', city(), ']$'], undefined, { city: 'a-c' })).toBe(false);
  });
});

describe('what cannot be evaluated does not hold', () => {
  test.each<[string, () => boolean]>([
    ['a missing value in a query', () => holds('jsonpath', [1], ['$[', { path: ['inputs', 'gone'] }, ']'])],
    ['a query that a value makes invalid', () => holds('jsonpath', [1], ['$.', city()])],
    ['a pattern that a value makes invalid', () => matches('x', [city()], undefined, { city: '(' })],
    ['a missing value in a pattern', () => matches('x', [{ path: ['inputs', 'gone'] }])],
    ['XPath on a value that is not text', () => holds('xpath', { a: 1 }, 'true()')],
    ['XPath on text that is not XML', () => holds('xpath', '{"a": 1}', 'true()')],
    ['a prefix that the document does not have', () => holds('xpath', '<a/>', '//p:a')],
    ['several values where XPath needs one', () => holds('xpath', '<a/>', '(1, 2)')],
  ])('%s', (_name, evaluate) => {
    expect(evaluate()).toBe(false);
  });

  test('but an exhausted budget is an error', () => {
    const evaluate = compileQueryCriterion({
      kind: 'query',
      in: value([1, 2, 3]),
      query: { language: 'jsonpath', text: '$[?@ > 5]' },
    });
    expect(() => evaluate(exampleScope(), exampleBudget(10))).toThrow('the budget is used up');
  });
});
