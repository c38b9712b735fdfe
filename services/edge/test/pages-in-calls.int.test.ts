import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type InputRequest, succeeded } from '@toolplane/contracts';
import { ask, canAll } from './modern-client.ts';
import { startLegacyClient } from './policies.ts';
import { echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* Pages to which an external server sends a person during a call. */

let edge: TestEdge;
const params = { mode: 'url', message: 'Sign in', url: 'https://id.example/', elicitationId: 'page-1' };
const page: InputRequest = { method: 'elicitation/create', params };

beforeAll(async () => {
  edge = await startTestEdge();
  await edge.publishServer({
    tools: [{ ...echoTool, name: 'asks', planDigest: 'd1', deadlineMs: 20_000, asks: true, isRepeatable: false }],
  });
  edge.handle = async ({ ask: askClient, notify }) => {
    const answer = await askClient(page, new AbortController().signal);
    notify({ kind: 'elicitation_complete', elicitationId: 'page-1' });
    return succeeded(answer);
  };
});
afterAll(async () => edge[Symbol.asyncDispose]());

test('a legacy client is told when a page has done its work, by the id of the question', async () => {
  const client = await startLegacyClient(edge, { elicitation: { url: {} } });
  const next = await client.call('asks', { text: 'a' });
  const asked = await next();
  expect(asked).toMatchObject({ method: 'elicitation/create', params });
  await client.respond(asked.id, { action: 'accept' });
  expect(await next()).toMatchObject({
    method: 'notifications/elicitation/complete',
    params: { elicitationId: 'page-1' },
  });
  expect((await next()).result.structuredContent).toEqual({ action: 'accept' });
});

test('a client of 2026-07-28 is sent to the page without an id, which its protocol does not have', async () => {
  const call = { name: 'asks', arguments: { text: 'a' } };
  const { result } = await ask(edge, 'tools/call', call, { capabilities: canAll });
  const { elicitationId: _, ...shown } = params;
  expect(result.inputRequests).toEqual({ 'question-1': { method: 'elicitation/create', params: shown } });
  const retry = { ...call, requestState: result.requestState, inputResponses: { 'question-1': { action: 'accept' } } };
  const done = await ask(edge, 'tools/call', retry, { capabilities: canAll, meta: { progressToken: 1 } });
  expect(done.result.structuredContent).toEqual({ action: 'accept' });
});
