import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { exampleBudget } from '../../budget.example.ts';
import { ExpressionError } from '../../expression-error.ts';
import { readJsonPath } from './read-jsonpath.ts';

function find(text: string, value: Json, on?: 'list' | 'list-unless-list'): Json[] {
  return readJsonPath(text, on).find(value, exampleBudget());
}

describe('a query that runs on a list that contains the value', () => {
  const order = { id: 7, lines: [{ id: 1 }, { id: 2 }] };

  test('finds the value itself, and $ inside the filter is the value', () => {
    expect(find('$[?@.id == 7]', order, 'list')).toEqual([order]);
    expect(find('$[?$.id == 7]', order, 'list')).toEqual([order]);
    expect(find('$[?$.id == 7].lines[*].id', order, 'list')).toEqual([1, 2]);
  });

  test('does so with every value, or with those that are not lists', () => {
    expect(find('$[?@.id == 1]', order.lines, 'list')).toEqual([]);
    expect(find('$[?@.id == 1]', order.lines, 'list-unless-list')).toEqual([{ id: 1 }]);
    expect(find('$[?@.id == 7]', order, 'list-unless-list')).toEqual([order]);
  });
});

describe('functions', () => {
  test('length counts characters, not UTF-16 units', () => {
    expect(find('$[?length(@) == 2]', ['ab', 'é!', '😀😀', 'abc'])).toEqual(['ab', 'é!', '😀😀']);
  });

  test('a pattern can come from the value', () => {
    const value = { pattern: 'a+', names: ['aa', 'b', 'xaa'] };
    expect(find('$.names[?match(@, $.pattern)]', value)).toEqual(['aa']);
    expect(find('$.names[?search(@, $.pattern)]', value)).toEqual(['aa', 'xaa']);
    expect(find('$.names[?search(@, $.gone)]', value)).toEqual([]);
  });

  test.each([String.raw`\\d`, 'a*?', '(?:a)', '(a', 'a{2,1}{', '[]', '(?=a)', 'a{100000}'])(
    '%s is not an I-Regexp and is found nowhere',
    (pattern) => {
      expect(find(`$[?search(@, '${pattern}')]`, ['a1', 'aa', ''])).toEqual([]);
    },
  );
});

describe('only own members are seen', () => {
  test.each(['$.constructor', '$.__proto__', "$['toString']", '$.list.length', '$.text.length', '$..constructor'])(
    '%s',
    (text) => {
      expect(find(text, { list: [1], text: 'abc' })).toEqual([]);
    },
  );

  test('an own member with such a name is a member like any other', () => {
    expect(find('$.__proto__.a', JSON.parse('{"__proto__": {"a": 1}}'))).toEqual([1]);
  });
});

test('a list may be longer than the stack is deep', () => {
  expect(find('$[*]', Array(200_000).fill(1))).toHaveLength(200_000);
});

test('a value that is too deep is an error of the expression', () => {
  const deep: Json = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  expect(() => find('$..*', deep)).toThrow(ExpressionError);
  expect(() => find('$[?@ == $[0]]', deep)).not.toThrow();
});

describe('a replacement at a JSONPath', () => {
  const replace = (value: Json, text: string, to: Json, on?: 'list') =>
    readJsonPath(text, on).replace(structuredClone(value), {
      copy: () => structuredClone(to),
      strict: false,
      budget: exampleBudget(),
    });
  const cart = { id: 1, items: [{ price: 1 }, { price: 2, hidden: true }] };

  test.each<[string, Json, Json]>([
    ['$.id', 9, { ...cart, id: 9 }],
    ['$.items[*].price', 0, { id: 1, items: [{ price: 0 }, { price: 0, hidden: true }] }],
    ['$.items[?@.hidden]', null, { id: 1, items: [{ price: 1 }, null] }],
    ['$..price', 5, { id: 1, items: [{ price: 5 }, { price: 5, hidden: true }] }],
    ['$', [1], [1]],
  ])('is made at all places of %s', (text, to, expected) => {
    expect(replace(cart, text, to)).toEqual(expected);
  });

  test('replaces the value itself where the query runs on a list', () => {
    expect(replace(cart, '$[?@.id == 1]', 'all', 'list')).toBe('all');
  });

  test('each place gets its own copy', () => {
    const [first, second] = replace([1, 2], '$[*]', { a: 1 }) as [Json, Json];
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
  });

  test('at a missing place is an error', () => {
    expect(() => replace(cart, '$.gone', 1)).toThrow(expect.objectContaining({ code: 'invalid_upstream_request' }));
    expect(() => replace(cart, '$.items[2]', 1)).toThrow(ExpressionError);
  });

  test('cannot be at the prototype of an object, even if it has a member of that name', () => {
    const value: Json = JSON.parse('{"__proto__": {"a": 1}}');
    expect(() =>
      readJsonPath('$.*').replace(value, { copy: () => ({ x: 1 }), strict: false, budget: exampleBudget() }),
    ).toThrow(ExpressionError);
    expect(Object.hasOwn({}, 'x')).toBe(false);
  });

  test('nor at the length of a list', () => {
    expect(() => replace(cart, '$[?@.items].items.length', 0, 'list')).toThrow(ExpressionError);
  });
});
