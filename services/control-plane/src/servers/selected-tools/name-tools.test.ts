import { expect, test } from '@jest/globals';
import { nameTools } from './name-tools.ts';

const namesOf = (own: string[], slugs: string[]) => Object.fromEntries(nameTools(own, slugs).names);

test('a tool that shares its name with no other keeps it', () => {
  expect(nameTools(['find'], ['crm.search', 'desk.close.all'])).toEqual({
    names: new Map([
      ['crm.search', 'search'],
      ['desk.close.all', 'close.all'],
    ]),
    renamed: [],
    leftOut: [],
  });
});

test('where several share a name, the server’s own tool keeps it and selected ones get that of their toolkit', () => {
  expect(namesOf(['find'], ['crm.find', 'desk.find', 'crm.search'])).toEqual({
    'crm.find': 'crm__find',
    'desk.find': 'desk__find',
    'crm.search': 'search',
  });
  expect(nameTools([], ['crm.find', 'desk.find']).renamed).toEqual([
    { slug: 'crm.find', name: 'crm__find' },
    { slug: 'desk.find', name: 'desk__find' },
  ]);
});

test.each([
  ['longer than 128 characters', ['x'.repeat(100)], `${'t'.repeat(40)}.${'x'.repeat(100)}`],
  ['that of one of the server’s own tools', ['find', 'crm__find'], 'crm.find'],
])('one whose other name is %s is left out', (_name, own, slug) => {
  expect(nameTools(own, [slug])).toEqual({
    names: new Map(),
    renamed: [],
    leftOut: [{ slug, reason: expect.any(String) }],
  });
});

test('a name is never given twice', () => {
  const { names, leftOut } = nameTools(['b__c', 'c'], ['a.b__c', 'a__b.c', 'x.a__b__c']);
  expect(new Set(names.values()).size).toBe(names.size);
  expect(names.get('x.a__b__c')).toBe('a__b__c');
  expect(leftOut.map(({ slug }) => slug)).toEqual(['a.b__c', 'a__b.c']);
});
