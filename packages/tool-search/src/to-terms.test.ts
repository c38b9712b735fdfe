import { expect, test } from '@jest/globals';
import { toTerms, toWords } from './to-terms.ts';

test.each([
  ['createPullRequest', ['create', 'pull', 'request']],
  ['create_pull_request', ['create', 'pull', 'request']],
  ['Create pull-request!', ['create', 'pull', 'request']],
  ['HTTPServerURL2', ['http', 'server', 'url2']],
  ['Café Zürich', ['cafe', 'zurich']],
  ['', []],
])('%s has the words %j', (text, words) => {
  expect(toWords(text)).toEqual(words);
});

test('forms of a word are one term, and words without meaning are none', () => {
  expect(toTerms('the contributors of a contribution contributed')).toEqual(['contribut', 'contribut', 'contribut']);
});
