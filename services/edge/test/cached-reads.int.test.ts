import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type InputRequest, type Json, type Resource, succeeded, type ToolCall } from '@toolplane/contracts';
import { ask, canAll, type ModernOptions } from './modern-client.ts';
import { accepted, form } from './questions.ts';
import { startTestEdge, type TestEdge } from './test-edge.ts';

/* What a cache may give to others of what one caller has read: a cache in between does not know who asks. */

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

test('of a public server what everybody reads alike may be given to others', async () => {
  expect(await read('night://timetable')).toEqual([60_000, 'public']);
});

test.each([
  ['the connection of the caller', 'night://tickets', {}],
  ['the token of the caller', 'night://seat', {}],
  ['what another request may set for $config', 'night://menu', {}],
  ['what the client can be asked', 'night://wishes', {}],
  ['what the request sets for $config', 'night://timetable', { 'config-language': 'de' }],
])('of a public server what %s may have a part in is for that caller alone', async (_what, uri, headers) => {
  expect(await read(uri, { headers })).toEqual([60_000, 'private']);
});

test('what a person was asked for is not kept', async () => {
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
