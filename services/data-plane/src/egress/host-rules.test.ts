import { describe, expect, test } from '@jest/globals';
import { createHostList, matchesHost } from './host-pattern.ts';
import { isHostAllowed } from './host-rules.ts';

const urls = [
  'https://example.com/',
  'https://example.com:8443/',
  'http://example.com/',
  'https://api.example.com/',
  'https://a.b.example.com/',
  'https://badexample.com/',
  'https://example.com.evil.com/',
  'https://127.0.0.1/',
  'https://[2606:2800::1]/',
  'https://com/',
].map((url) => new URL(url));

test.each([
  [[]],
  [['example.com']],
  [['example.com:443']],
  [['example.com:80', 'other.com']],
  [['*.example.com']],
  [['*.example.com:8443', 'example.com:08443']],
  [['*.com']],
  [['127.0.0.1']],
])('a long list matches what a short one does: %j', (patterns) => {
  const isListed = createHostList(patterns);
  expect(urls.map(isListed)).toEqual(urls.map((url) => matchesHost(patterns, url)));
});

describe('host rules allow', () => {
  const isAllowed = (rules: Parameters<typeof isHostAllowed>[0]) => {
    return ['a.example.com', 'b.example.com', 'other.com'].map((host) =>
      isHostAllowed(rules, new URL(`https://${host}`)),
    );
  };

  test.each([
    ['all hosts without lists', { denyHosts: [] }, [true, true, true]],
    ['all but the denied hosts', { denyHosts: ['b.example.com'] }, [true, false, true]],
    ['only the listed hosts', { allowHosts: ['*.example.com'], denyHosts: [] }, [true, true, false]],
    [
      'no denied host, even if it is listed',
      { allowHosts: ['*.example.com'], denyHosts: ['b.example.com'] },
      [true, false, false],
    ],
    ['no host with an empty list', { allowHosts: [], denyHosts: [] }, [false, false, false]],
  ])('%s', (_name, rules, expected) => {
    expect(isAllowed(rules)).toEqual(expected);
  });

  test.each(['https://evil.com./', 'https://EVIL.com/', 'https://evil.com.:443/', 'https://ｅvil.com/'])(
    'a denied host stays denied in any spelling: %s',
    (url) => {
      expect(isHostAllowed({ denyHosts: ['evil.com'] }, new URL(url))).toBe(false);
    },
  );
});
