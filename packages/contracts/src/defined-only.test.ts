import { expect, test } from '@jest/globals';
import { definedOnly } from './defined-only.ts';

type Target = { id: string; title?: string; isHidden?: boolean };

test('omits undefined members, so that the result fits a type with optional members', () => {
  const title: string | undefined = undefined;
  const target: Target = definedOnly({ id: 'one', title, isHidden: undefined });
  expect(Object.keys(target)).toEqual(['id']);
});

test('keeps every other value, also those that count as false, in the order in which they are written', () => {
  const members = { second: null, first: false, empty: '', zero: 0, list: [] };
  expect(JSON.stringify(definedOnly(members))).toBe(JSON.stringify(members));
});

test('leaves undefined members inside a value alone', () => {
  expect(definedOnly({ inner: { absent: undefined } })).toStrictEqual({ inner: { absent: undefined } });
});
