import { expect, test } from '@jest/globals';
import { compareVersions } from './compare-versions.ts';

test('orders versions as Semantic Versioning does', () => {
  const ordered = [
    '0.1.0',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.0.10',
    '1.2.0',
    '1.10.0',
    '2.0.0-0',
    '2.0.0-9999999999999999',
    '2.0.0-10000000000000000',
    '2.0.0',
  ];
  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered);
});

test.each([
  ['1.0.0', '1.0.0'],
  ['1.0.0+a', '1.0.0+b'],
  ['1.0.0-rc.1+build-7', '1.0.0-rc.1'],
])('%s and %s are the same version', (a, b) => {
  expect(compareVersions(a, b)).toBe(0);
  expect(compareVersions(b, a)).toBe(0);
});
