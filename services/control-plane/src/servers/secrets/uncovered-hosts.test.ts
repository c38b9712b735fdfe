import { expect, test } from '@jest/globals';
import { listUncoveredHosts } from './uncovered-hosts.ts';

test.each([
  ['https://a.test', ['a.test'], []],
  ['https://a.test:8443', ['a.test'], []],
  ['https://a.test', ['a.test:443'], []],
  ['https://a.test', ['a.test:8443'], ['a.test']],
  ['https://a.test', ['a.test:0443'], []],
  ['https://b.a.test', ['*.a.test'], []],
  ['https://a.test', ['*.a.test'], ['a.test']],
  ['https://evila.test', ['a.test', '*.a.test'], ['evila.test']],
])('%s for %j leaves %j', (origin, sealedFor, uncovered) => {
  expect(listUncoveredHosts([origin], sealedFor)).toEqual(uncovered);
});
