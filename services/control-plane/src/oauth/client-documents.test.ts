import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { AppError, type Command, type ErrorCode, type Json } from '@toolplane/contracts';
import { createClientDocuments } from './client-documents.ts';

/** A data plane whose answers to requests are controlled by the test. */
function startDocuments() {
  const asker = { workspaceId: 'ws_1', address: '192.0.2.1' };
  const asked: (PromiseWithResolvers<Json> & { url: string })[] = [];
  let nowMs = 1;
  const documents = createClientDocuments({
    commands: {
      send(_to, command: Command) {
        const answer = Promise.withResolvers<Json>();
        asked.push({ ...answer, url: 'url' in command ? command.url : '' });
        return answer.promise;
      },
    },
    findAsker: async () => undefined,
    now: () => nowMs,
  });
  const fetch = (url: string, signal?: AbortSignal, workspaceId = 'ws_1') => {
    const response = documents.within({ ...asker, workspaceId }, () => documents.fetch(url, signal));
    response.catch(() => {});
    return response;
  };
  return {
    asked,
    fetch,
    wait(ms: number) {
      nowMs += ms;
    },
  };
}

const documentOf = (id: string): Json => ({
  gzipped: gzipSync(JSON.stringify({ client_id: id })).toString('base64'),
  sha256: '',
});
const failure = (code: ErrorCode) => new AppError(code, 'Nothing is there');

test('at most two documents are fetched from one origin, and ten in all, at the same time (T45)', async () => {
  const { asked, fetch } = startDocuments();
  const started = [];
  for (let host = 0; host < 6; host += 1) {
    for (let path = 0; path < 3; path += 1) {
      started.push(fetch(`https://client-${host}.example.test/${path}`, undefined, `ws_${host % 3}`));
    }
  }
  const refused = await Promise.allSettled(started.filter((_, index) => index % 3 === 2 || index >= 15));
  expect(refused.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(Array(8).fill('rate_limited'));
  expect(asked).toHaveLength(10);
  for (const { url, resolve } of asked) resolve(documentOf(url));
  const answers = await Promise.allSettled(started);
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
  const last = fetch('https://client-0.example.test/2');
  await new Promise(setImmediate);
  asked.at(-1)?.resolve(documentOf(''));
  expect((await last).status).toBe(200);
});

test('the clients of one workspace leave half of the places to those of others (T45)', async () => {
  const { asked, fetch } = startDocuments();
  const started = [];
  for (let host = 0; host < 8; host += 1) started.push(fetch(`https://client-${host}.example.test/`));
  started.push(fetch('https://other.example.test/', undefined, 'ws_2'));
  const refused = await Promise.allSettled(started.slice(5, 8));
  expect(refused.map((each) => each.status === 'rejected' && each.reason.code)).toEqual(Array(3).fill('rate_limited'));
  expect(asked.map(({ url }) => url)).toEqual([
    ...[0, 1, 2, 3, 4].map((host) => `https://client-${host}.example.test/`),
    'https://other.example.test/',
  ]);
  for (const { url, resolve } of asked) resolve(documentOf(url));
});

test.each<ErrorCode>(['upstream_timeout', 'upstream_bad_response', 'egress_denied'])(
  'a document that could not be had (%s) is asked for again only after half a minute (T45)',
  async (code) => {
    const { asked, fetch, wait } = startDocuments();
    const url = 'https://client.example.test/';
    const first = fetch(url);
    await new Promise(setImmediate);
    asked[0]?.reject(failure(code));
    await expect(first).rejects.toMatchObject({ code });
    await expect(fetch(url)).rejects.toMatchObject({ code });
    expect(asked).toHaveLength(1);
    wait(30_001);
    void fetch(url);
    await new Promise(setImmediate);
    expect(asked).toHaveLength(2);
  },
);

test('what says nothing about the document is not remembered: nobody can make the platform refuse a client of others', async () => {
  const { asked, fetch } = startDocuments();
  const url = 'https://client.example.test/';
  const first = fetch(url);
  await new Promise(setImmediate);
  asked[0]?.reject(failure('config_unavailable'));
  await expect(first).rejects.toMatchObject({ code: 'config_unavailable' });
  void fetch(url);
  await new Promise(setImmediate);
  expect(asked).toHaveLength(2);
});

test('the browser is not kept waiting longer than the library wants', async () => {
  const { fetch } = startDocuments();
  const abort = new AbortController();
  const response = fetch('https://client.example.test/', abort.signal);
  await new Promise(setImmediate);
  abort.abort(new Error('too late'));
  await expect(response).rejects.toThrow('too late');
});
