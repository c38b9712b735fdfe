import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { ask } from './modern-client.ts';
import { startLegacyClient } from './policies.ts';
import { accepted, askFor, form } from './questions.ts';
import { echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* A call with an idempotency key that asks its client takes as long as the person needs. */

let edge: TestEdge;

const MINUTE_MS = 60_000;
const plan = { planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true };

beforeAll(async () => {
  edge = await startTestEdge();
  await edge.publishServer({ tools: [{ ...echoTool, ...plan, asks: true }] });
});
afterAll(async () => edge[Symbol.asyncDispose]());
afterEach(() => void jest.restoreAllMocks());

const now = Date.now;

/** Advances the clock of all parts of this test. */
const setLater = (ms: number) => void jest.spyOn(Date, 'now').mockImplementation(() => now() + ms);

test('a second call with the same key also waits for the first in a later round of questions', async () => {
  askFor(edge, { first: form }, { second: form });
  const client = await startLegacyClient(edge, { elicitation: {} });
  const meta = { 'io.toolplane/idempotency-key': `asking-${edge.serverId}` };
  const next = await client.call('echo', { text: 'a' }, { _meta: meta });
  const question = await next();
  setLater(9 * MINUTE_MS);
  await client.respond(question.id, accepted);
  const later = await next();
  // By now, a timeout of the first round alone would have ended.
  setLater(18 * MINUTE_MS);
  const { store } = edge.parts;
  const looked = Promise.withResolvers<void>();
  const { getRecord } = store;
  store.getRecord = (...of) => {
    looked.resolve();
    return getRecord(...of);
  };
  const second = ask(edge, 'tools/call', { name: 'echo', arguments: { text: 'a' } }, { meta });
  await Promise.race([looked.promise, second]);
  await client.respond(later.id, accepted);
  const { structuredContent } = (await next()).result;
  expect(structuredContent.answers).toEqual({ first: accepted, second: accepted });
  expect((await second).result).toMatchObject({ structuredContent, _meta: { 'io.toolplane/replayed': true } });
});
