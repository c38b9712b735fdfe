import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Json, PatternText } from '@toolplane/contracts';
import { exampleBudget } from '../budget.example.ts';
import { ExpressionSyntaxError } from '../expression-error.ts';
import { exampleScope } from '../scope.example.ts';
import { checkQuery, toJsonPathQuery } from './check-query.ts';
import { compileQueryCriterion } from './criteria.ts';

type Expected = boolean | { strict: boolean | string; wrap?: boolean; compat?: boolean };
type Vectors = { doc: Json; cases: { condition: string; expect: Expected }[] };

const file = new URL('../../testdata/arazzo-vectors/jsonpath-criteria.json', import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, 'utf8'));

/** A syntax error is reported at publish time. A criterion that is not refused there does not hold. */
function holds(condition: PatternText, value: Json, compat: boolean): boolean {
  try {
    const { text, on } = toJsonPathQuery(condition, { compat });
    const query = { language: 'jsonpath' as const, text, ...(on === undefined ? {} : { on }) };
    return compileQueryCriterion({ kind: 'query', in: { kind: 'literal', value }, query })(
      exampleScope(),
      exampleBudget(),
    );
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ExpressionSyntaxError);
    return false;
  }
}

describe('JSONPath criteria as public documents write them', () => {
  test.each(vectors.cases)('$condition', ({ condition, expect: expected }) => {
    const strict = typeof expected === 'boolean' ? expected : expected.strict === true;
    const compat = typeof expected === 'boolean' ? expected : (expected.wrap ?? expected.compat);
    expect(holds(condition, vectors.doc, false)).toBe(strict);
    expect(holds(condition, vectors.doc, true)).toBe(compat);
  });

  const order = { products: [{ id: 1 }], total: 3, limit: 3, length: 7, lines: [1, 2], title: 'abc' };
  test.each<[string, Json, boolean]>([
    ['$[?@.id == 1]', [{ id: 1 }], true],
    ['$[?@.id == 1]', [{ id: 2 }], false],
    ['$[?$.products[0].id == 1]', order, true],
    ['$.total == $.limit', order, true],
    ['$.total == $.limit && $.products', order, true],
    ['!$.missing', order, true],
    ['count($.products[*]) > 1', order, false],
    ['$[0].id == 1', [{ id: 1 }], true],
    ['$ == 5', 5, true],
    ['$.lines.length == 2', order, true],
    ['$.lines.length > 2', order, false],
    ['$.title.length == 3', order, true],
    ['$.length == 7', order, true],
    ['$[?(@.lines.length > 1)]', order, true],
    ['$..[?@.id == 1]', order, true],
    ['$[?@.length == 7]', [[1]], false],
  ])('compat: %s on %j', (condition, value, expected) => {
    expect(holds(condition, value, true)).toBe(expected);
  });

  test('a list or a text has no member "length" in a query that is valid RFC 9535', () => {
    expect(holds('$.lines.length', order, true)).toBe(false);
    expect(holds('$.lines.length', order, false)).toBe(false);
  });

  test('a condition is read as a filter, with a warning that shows the filter', () => {
    expect(toJsonPathQuery('$.ok == true', { compat: true })).toEqual({
      text: '$[?$.ok == true]',
      on: 'list',
      warning: expect.stringContaining('$[?$.ok == true]'),
    });
  });

  test('a query that contains values of the run is read in the same way', () => {
    const value: PatternText = ['$.status == "', { path: ['inputs', 'city'], inside: '"' }, '"'];
    expect(toJsonPathQuery(value, { compat: true })).toMatchObject({ text: ['$[?', ...value, ']'], on: 'list' });
    expect(holds(value, { status: 'Marseille' }, true)).toBe(true);
    expect(holds(value, { status: 'Lyon' }, true)).toBe(false);
  });
});

test.each([
  [String.raw`$[?match(@.a, '\\d+')]`, String.raw`"\d+"`],
  ["$.a[?@.b && !($.c == 1 || search(@.d, '(?i)x'))]", '"(?i)x"'],
  ["$.a[?count(@[?search(@, 'a*?')]) > 1]", '"a*?"'],
])('%s gets a warning that its pattern is never found', (text, pattern) => {
  expect(toJsonPathQuery(text, { compat: false })).toEqual({ text, warning: expect.stringContaining(pattern) });
  expect(toJsonPathQuery(text.replaceAll(/'.*'/g, "'a'"), { compat: false })).not.toHaveProperty('warning');
});

test('the error of a query contains the position', () => {
  const error = (text: string) => {
    try {
      toJsonPathQuery(text, { compat: true });
    } catch (thrown) {
      return thrown;
    }
    return undefined;
  };
  expect(error('$.pets[')).toMatchObject({ name: 'ExpressionSyntaxError', offset: 7 });
  expect(error('$.a = 1')).toMatchObject({ name: 'ExpressionSyntaxError', offset: 4 });
});

describe('what can be determined without a value is checked at publish time', () => {
  test.each<['jsonpath' | 'xpath' | 'jsonpointer', PatternText]>([
    ['jsonpath', '$.pets[0]'],
    ['jsonpath', ['$.pets[', { path: ['inputs', 'n'] }, ']']],
    ['xpath', "//pet[id = '1']"],
    ['xpath', '//soap:Body/*:item'],
    ['xpath', 'matches(/a, "[0-9]+")'],
    ['xpath', 'replace(/a, "[0-9]+", "$0")'],
    ['xpath', 'number(/a) + 1'],
    ['xpath', "xs:date(/a) > xs:date('2020-01-01')"],
    ['xpath', ['//pet[id = "', { path: ['inputs', 'n'], inside: '"' }, '"]']],
    ['jsonpointer', ''],
    ['jsonpointer', '/a~1b/0'],
    ['jsonpointer', '#/a%20b'],
  ])('%s %j is accepted', (language, text) => {
    expect(() => checkQuery(language, text)).not.toThrow();
  });

  test.each<['jsonpath' | 'xpath' | 'jsonpointer', string, string]>([
    ['jsonpath', '$.pets[', 'JSONPath'],
    ['jsonpath', '$.ok == true', 'JSONPath'],
    ['jsonpath', `$${'[?@'.repeat(1000)}`, ''],
    ['jsonpath', `$.${'a'.repeat(5000)}`, '4096'],
    ['xpath', '//pet[', 'XPath'],
    ['xpath', 'a b', 'XPath'],
    ['xpath', 'nope(1)', '"nope"'],
    ['xpath', '$x', 'XPath'],
    ['xpath', '<a/>', 'XPath'],
    ['xpath', 'sum(1 to 1000000000)', 'too long'],
    ['xpath', 'a'.repeat(5000), '4096'],
    ['jsonpointer', 'a/b', 'begin with /'],
    ['jsonpointer', '/a~2', '~'],
    ['jsonpointer', '#/%zz', 'URI'],
    ['jsonpointer', '/__proto__/a', '"__proto__"'],
  ])('%s %j is refused', (language, text, reason) => {
    expect(() => checkQuery(language, text)).toThrow(ExpressionSyntaxError);
    expect(() => checkQuery(language, text)).toThrow(reason);
  });

  // Each expression would run a pattern of the document on the backtracking engine, or write to the console.
  test.each([
    'Q{http://www.w3.org/2005/xpath-functions}matches("a", "a")',
    'fontoxpath:evaluate("1", map{})',
    'function-lookup(xs:QName("fn:matches"), 2)',
    'trace(1)',
  ])('XPath cannot bypass our own functions: %s', (text) => {
    expect(() => checkQuery('xpath', text)).toThrow(ExpressionSyntaxError);
  });
});
