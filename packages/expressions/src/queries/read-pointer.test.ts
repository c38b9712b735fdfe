import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { exampleBudget } from '../budget.example.ts';
import { ExpressionError, ExpressionSyntaxError } from '../expression-error.ts';
import { readPointer } from './read-pointer.ts';

function replace(value: Json, pointer: string, to: Json, strict = false): Json {
  const copy = () => structuredClone(to);
  return readPointer(pointer).replace(structuredClone(value), { copy, strict, budget: exampleBudget() });
}

describe('a JSON Pointer finds', () => {
  // The examples of RFC 6901, sections 5 and 6.
  const document = {
    foo: ['bar', 'baz'],
    '': 0,
    'a/b': 1,
    'c%d': 2,
    'e^f': 3,
    'g|h': 4,
    'i\\j': 5,
    'k"l': 6,
    ' ': 7,
    'm~n': 8,
    nothing: null,
    '01': 9,
  };
  test.each<[string, Json]>([
    ['', document],
    ['/foo', ['bar', 'baz']],
    ['/foo/0', 'bar'],
    ['/', 0],
    ['/a~1b', 1],
    ['/c%d', 2],
    ['/e^f', 3],
    ['/g|h', 4],
    ['/i\\j', 5],
    ['/k"l', 6],
    ['/ ', 7],
    ['/m~0n', 8],
    ['#', document],
    ['#/c%25d', 2],
    ['#/m~0n', 8],
    ['/nothing', null],
    ['/01', 9],
  ])('%s', (pointer, expected) => {
    expect(readPointer(pointer).find(document, exampleBudget())).toEqual([expected]);
  });

  test.each(['/foo/-', '/foo/01', '/foo/2', '/foo/length', '/foo/-1', '/gone', '/foo/0/0', '/toString', '/~01'])(
    'nothing at %s',
    (pointer) => {
      expect(readPointer(pointer).find(document, exampleBudget())).toEqual([]);
      expect(readPointer(pointer).holds(document, exampleBudget())).toBe(false);
    },
  );
});

test.each(['/__proto__', '/a/constructor/b', '/prototype'])('%s is refused (T19, B059)', (pointer) => {
  expect(() => readPointer(pointer)).toThrow(ExpressionSyntaxError);
});

describe('a replacement at a JSON Pointer', () => {
  const payload = { id: 1, tags: ['a', 'b'], nested: { x: null } };

  test.each<[string, Json]>([
    ['', 'new'],
    ['/id', { ...payload, id: 'new' }],
    ['/tags/1', { ...payload, tags: ['a', 'new'] }],
    ['/nested/x', { ...payload, nested: { x: 'new' } }],
  ])('at %s', (pointer, expected) => {
    expect(replace(payload, pointer, 'new')).toEqual(expected);
    expect(replace(payload, pointer, 'new', true)).toEqual(expected);
  });

  test.each<[string, Json]>([
    ['/note', { ...payload, note: 'new' }],
    ['/tags/-', { ...payload, tags: ['a', 'b', 'new'] }],
  ])('adds at %s, unless it is strict', (pointer, expected) => {
    expect(replace(payload, pointer, 'new')).toEqual(expected);
    expect(() => replace(payload, pointer, 'new', true)).toThrow(ExpressionError);
  });

  test.each(['/gone/x', '/tags/2', '/tags/x', '/tags/01', '/id/x', '/nested/x/y'])('cannot be at %s', (pointer) => {
    expect(() => replace(payload, pointer, 'new')).toThrow(
      expect.objectContaining({ code: 'invalid_upstream_request' }),
    );
  });
});
