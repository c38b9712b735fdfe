import { expect, test } from '@jest/globals';
import { readHops } from './read-hops.ts';

test('counts the servers that a call came through; anything but a number counts as zero', () => {
  expect(readHops({ 'x-toolplane-hops': '3' })).toEqual({ hops: 3 });
  for (const text of ['0', '-1', '1, 1', '1e3', '9999', ' 1', '']) {
    expect(readHops({ 'x-toolplane-hops': text })).toEqual({});
  }
  expect(readHops({})).toEqual({});
});
