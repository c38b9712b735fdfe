import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type InputRequest, type Json, type Resource, succeeded, type ToolCall } from '@toolplane/contracts';
import { ask, canAll, type ModernOptions } from './modern-client.ts';
import { accepted, form } from './questions.ts';
import { startTestEdge, type TestEdge } from './test-edge.ts';

/* The results of one caller that a cache may return to others: a cache in between does not know who asks. */

let edge: TestEdge;

const plan = { planDigest: 'd1', deadlineMs: 5000 };
const toResource = (uri: string, changes: Partial<Resource> = {}): Resource => ({
  uri,
  name: uri,
  ...plan,
  ...changes,
});
const resources = [
  toResource('night://timetable'),
  toResource('night://tickets', { usesConnection: true }),
  toResource('night://seat', { usesToken: true }),
  toResource('night://menu', { usesConfig: true }),
  toResource('night://wishes', { asks: true }),
];

beforeAll(async () => {
  edge = await startTestEdge();
  await edge.publishServer({ isPublic: true, resources });
  edge.handle = async () => succeeded({}, [{ text: '23:04' }]);
});
afterAll(async () => edge[Symbol.asyncDispose]());

async function read(uri: string, options?: ModernOptions, answers: Record<string, Json> = {}) {
  const { result } = await ask(edge, 'resources/read', { uri, ...answers }, options);
  return [result.ttlMs, result.cacheScope];
}

test('on a public server, what everybody reads alike may be cached for everybody', async () => {
  expect(await read('night://timetable')).toEqual([60_000, 'public']);
});

test.each([
  ['the caller’s connection', 'night://tickets', {}],
  ['the caller’s token', 'night://seat', {}],
  ['a $config value that another request may set', 'night://menu', {}],
  ['the capabilities of the client', 'night://wishes', {}],
  ['a $config value that the request sets', 'night://timetable', { 'config-language': 'de' }],
])('on a public server, what may depend on %s is cached for that caller alone', async (_what, uri, headers) => {
  expect(await read(uri, { headers })).toEqual([60_000, 'private']);
});

test('an answer that a person was asked for is not cached', async () => {
  edge.handle = async ({ body }) => {
    const { inputResponses } = body as ToolCall;
    const inputRequests: Record<string, InputRequest> = { ok: form };
    if (inputResponses === undefined) return { ok: true, outcome: 'input_required', inputRequests, state: '{}' };
    return succeeded({}, [{ text: 'by the window' }]);
  };
  const client = { capabilities: canAll };
  const { result } = await ask(edge, 'resources/read', { uri: 'night://wishes' }, client);
  const inputResponses = { ok: accepted };
  const { requestState } = result;
  expect(await read('night://wishes', client, { inputResponses, requestState })).toEqual([0, 'private']);
  expect(await read('night://wishes', client, { inputResponses })).toEqual([0, 'private']);
});
