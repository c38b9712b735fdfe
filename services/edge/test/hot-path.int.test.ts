import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failed, type Outcome, succeeded } from '@toolplane/contracts';
import { call, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * The hot path writes its answers by hand. The SDK is the oracle: for the same call both must answer the same. A header
 * that the hot path does not recognise as plain, but the protocol allows, sends a call through the SDK.
 */

let edge: TestEdge;

/** Failed calls name their trace. */
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const legacyHeaders = { traceparent, 'mcp-protocol-version': '2025-03-26' };
const modernHeaders = (name: string) => ({ traceparent, ...modern.headers('tools/call', name) });

beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());

const outcomes: [string, Outcome][] = [
  ['outputs', succeeded({ text: 'naïve "quoted" \u2028 text', nested: { list: [1, null, true] } })],
  ['no outputs', succeeded({})],
  ['an error of the tool', failed('done', 'no_action_matched', 'No action matched', { stepId: 'find', status: 500 })],
  ['a refusal', failed('not_started', 'tenant_busy', 'Busy', { retryAfterMs: 250 })],
  ['an unknown outcome', failed('unknown', 'upstream_timeout', 'No answer in time')],
];

describe.each(outcomes)('%s', (_name, outcome) => {
  beforeAll(() => {
    edge.handle = async () => outcome;
  });

  test('is answered as the SDK answers it to a modern client', async () => {
    const message = call({ text: 'a' }, { _meta: modern.meta });
    const plain = await edge.post(message, { headers: modernHeaders('echo') });
    // Base64 of the same name (MCP 2026-07-28, T5): allowed, and not recognised by the hot path.
    const base64Name = `=?base64?${Buffer.from('echo').toString('base64')}?=`;
    const oracle = await edge.post(message, { headers: modernHeaders(base64Name) });
    expect(plain.status).toBe(oracle.status);
    expect(plain.body).toEqual(oracle.body);
    expect(plain.headers.get('content-type')).toBe(oracle.headers.get('content-type'));
  });

  test('is answered as the SDK answers it to a legacy client', async () => {
    const message = call({ text: 'a' });
    const plain = await edge.post(message, { headers: legacyHeaders });
    // A batch of one is not recognised by the hot path; the SDK answers it with a list of one.
    const oracle = await edge.post([message], { headers: legacyHeaders });
    expect(plain.status).toBe(oracle.status);
    expect(plain.body).toEqual([oracle.body].flat()[0]);
  });
});
