import { expect, test } from '@jest/globals';
import { nameToolkits } from './toolkit-slugs.ts';

const origin = (serverId: string, toolkit: string, day: number) => ({
  ...{ serverId, toolkit },
  createdAt: new Date(Date.UTC(2026, 0, day)),
});

test('the oldest of those that share a slug keeps it, the others are numbered by age', () => {
  const slugs = nameToolkits([origin('c', 'tickets', 3), origin('a', 'tickets', 1), origin('b', 'tickets', 2)]);
  expect(Object.fromEntries(slugs)).toEqual({ a: 'tickets', b: 'tickets-2', c: 'tickets-3' });
});

test('a number that makes the slug of another one is passed over', () => {
  const slugs = nameToolkits([origin('a', 'x', 1), origin('b', 'x-2', 2), origin('c', 'x', 3)]);
  expect(Object.fromEntries(slugs)).toEqual({ a: 'x', b: 'x-2', c: 'x-3' });
});

test('of the same moment the id decides, so the answer is always the same', () => {
  const both = [origin('b', 'x', 1), origin('a', 'x', 1)];
  expect(nameToolkits(both)).toEqual(nameToolkits(both.toReversed()));
});
