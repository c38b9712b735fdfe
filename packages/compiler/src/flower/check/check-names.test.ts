import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { compileDocument } from '../../compile-document.ts';

const options = { workspaceId: 'w', serverId: 's', secretNames: [], allowedHosts: [] };

/** Returns the problems of one flow for each id, with the other members of the document. */
function problemsOf({ ids = ['a_flow'], ...more }: { ids?: string[]; [key: string]: Json | undefined }): string[] {
  const steps = [{ id: 'a', request: { method: 'GET', url: 'https://api.example.test/' } }];
  const flows = ids.map((id) => ({ id, description: 'Reads what the test is about.', steps }));
  const { diagnostics } = compileDocument(JSON.stringify({ flower: '0.1', id: 'test', flows, ...more }), options);
  return diagnostics
    .filter(({ code }) => /^(duplicate|similar)_/.test(code))
    .map(({ code, pointer }) => `${code} ${pointer}`);
}

describe('of three flows, each pair is compared', () => {
  test.each([
    [
      ['f', 'F', 'f'],
      ['similar_id /flows/1/id', 'duplicate_id /flows/2/id'],
    ],
    [
      ['f', 'F', 'F'],
      ['similar_id /flows/1/id', 'duplicate_id /flows/2/id'],
    ],
    [
      ['f', 'f', 'F'],
      ['duplicate_id /flows/1/id', 'similar_id /flows/2/id'],
    ],
    [
      ['fo', 'fO', 'Fo'],
      ['similar_id /flows/1/id', 'similar_id /flows/2/id'],
    ],
  ])('%j', (ids, problems) => {
    expect(problemsOf({ ids })).toEqual(problems);
  });
});

test('of three prompts, each pair is compared', () => {
  const messages = [{ role: 'user', text: 'Hi' }];
  expect(problemsOf({ 'x-prompts': ['p', 'P', 'p'].map((id) => ({ id, messages })) })).toEqual([
    'similar_id /x-prompts/1/id',
    'duplicate_id /x-prompts/2/id',
  ]);
});

test('of three resources or templates, each pair is compared; their case counts', () => {
  const resources = ['docs://a', 'docs://A', 'docs://a'].map((uri) => ({ uri, name: 'a', text: 'a' }));
  const templates = ['docs://x/{a}', 'docs://X/{a}', 'docs://x/{b}'].map((uri_template) => {
    return { uri_template, name: 'a', text: 'a' };
  });
  expect(problemsOf({ 'x-resources': [...resources, ...templates] })).toEqual([
    'duplicate_uri /x-resources/2/uri',
    'duplicate_uri /x-resources/5/uri_template',
  ]);
});
