import { expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { findExpressions } from './find-expressions.ts';

const textsOf = (value: Json) => findExpressions(value).map(({ text }) => text);

// A search for credentials in the raw text of a document would miss this one.
test('an expression is found however its text is escaped', () => {
  expect(textsOf('{"a": "{$\\u0073ecrets.X}"}')).toContain('$secrets.X');
  expect(textsOf('{"a": "$\\u0073ecrets.X"}')).toContain('$secrets.X');
});

test('expressions are found at every level, including Selector Objects', () => {
  const selector = { context: '$response.body', selector: "$.a['{$inputs.b}']", type: 'jsonpath' };
  expect(textsOf({ a: ['$method', { b: 'x {$url}', c: selector }] })).toEqual([
    '$method',
    '$url',
    '$response.body',
    '$inputs.b',
  ]);
});

test.each<[Json]>([['$items.a'], ['{$inputs.}'], ['$inputs.'], [5], [null], [{ $method: 1 }]])(
  'none is found in %j',
  (value) => {
    expect(textsOf(value)).toEqual([]);
  },
);
