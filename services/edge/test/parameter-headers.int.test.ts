import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@toolplane/contracts';
import { ask } from './modern-client.ts';
import { startTestEdge, type TestEdge } from './test-edge.ts';

/* Arguments that modern clients repeat in headers (`x-mcp-header`, L6): a gateway may have decided by these headers. */

let edge: TestEdge;

const inputSchema: JsonObject = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    limit: { type: 'integer', 'x-mcp-header': 'Limit' },
    dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
    where: { type: 'object', properties: { city: { type: 'string', 'x-mcp-header': 'City' } } },
  },
};

beforeAll(async () => {
  edge = await startTestEdge();
  const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
  await edge.publishServer({ tools: [{ name: 'find', inputSchema, ...plan }] });
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.calls.length = 0;
});

const find = (callArguments: unknown, headers: Record<string, string>) =>
  ask(edge, 'tools/call', { name: 'find', arguments: callArguments }, { headers });
const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;

describe('a header that agrees with the argument is accepted', () => {
  test.each([
    ['a text', { region: 'us-west1' }, { 'Mcp-Param-Region': 'us-west1' }],
    ['a text in base64', { region: 'Zürich' }, { 'mcp-param-region': base64('Zürich') }],
    ['a text that is base64 without its wrapping', { region: 'SGVsbG8=' }, { 'mcp-param-region': 'SGVsbG8=' }],
    [
      'a text that only begins like base64',
      { region: '=?base64?SGVsbG8=' },
      { 'mcp-param-region': '=?base64?SGVsbG8=' },
    ],
    ['an empty text', { region: '' }, { 'mcp-param-region': '' }],
    ['an integer', { limit: 42 }, { 'mcp-param-limit': '42' }],
    ['an integer written another way', { limit: 42 }, { 'mcp-param-limit': '42.0' }],
    ['a large integer', { limit: 2 ** 53 }, { 'mcp-param-limit': '9007199254740992' }],
    ['an integer with zeros', { limit: 1200 }, { 'mcp-param-limit': '1200' }],
    ['a boolean', { dry: false }, { 'mcp-param-dry': 'false' }],
    ['a member of an object', { where: { city: 'Bern' } }, { 'mcp-param-city': 'Bern' }],
    ['no argument and no header', {}, {}],
    ['no arguments at all', undefined, {}],
  ] as [string, unknown, Record<string, string>][])('%s', async (_name, callArguments, headers) => {
    const { status, result } = await find(callArguments, headers);
    expect([status, result?.isError]).toEqual([200, undefined]);
  });

  test('null counts as no argument, so no header is expected', async () => {
    const { result } = await find({ region: null }, {});
    expect(result.structuredContent.code).toBe('invalid_arguments');
  });
});

describe('a header that disagrees is refused with −32020 and HTTP 400, and nothing runs', () => {
  test.each([
    ['missing', { region: 'us-west1' }, {}],
    ['different', { region: 'us-west1' }, { 'mcp-param-region': 'us-east1' }],
    ['different in case', { region: 'us-west1' }, { 'mcp-param-region': 'US-WEST1' }],
    ['of an argument that is missing', {}, { 'mcp-param-region': 'us-west1' }],
    ['of a call without arguments', undefined, { 'mcp-param-city': 'Bern' }],
    ['base64 without its padding', { region: 'Hello' }, { 'mcp-param-region': '=?base64?SGVsbG8?=' }],
    ['base64 with other characters', { region: 'Hello' }, { 'mcp-param-region': '=?base64?SGVs!!!bG8=?=' }],
    ['base64 of what is no UTF-8', { region: '\ufffd' }, { 'mcp-param-region': '=?base64?/w==?=' }],
    ['another integer', { limit: 42 }, { 'mcp-param-limit': '43' }],
    ['another integer that is the same when rounded', { limit: 2 ** 53 }, { 'mcp-param-limit': '9007199254740993' }],
    ['a fraction that is the same when rounded', { limit: 1 }, { 'mcp-param-limit': '1.00000000000000001' }],
    ['an integer with words', { limit: 42 }, { 'mcp-param-limit': '42 items' }],
    ['an integer in another notation', { limit: 16 }, { 'mcp-param-limit': '0x10' }],
    ['another boolean', { dry: true }, { 'mcp-param-dry': 'True' }],
    ['of a member of an object', { where: { city: 'Bern' } }, { 'mcp-param-city': 'Basel' }],
  ] as [string, unknown, Record<string, string>][])('%s', async (_name, callArguments, headers) => {
    const { status, error } = await find(callArguments, headers);
    expect([status, error?.code]).toEqual([400, -32020]);
    expect(edge.calls).toEqual([]);
  });
});

test('a legacy client needs no such headers', async () => {
  const params = { name: 'find', arguments: { region: 'us-west1' } };
  const { body } = await edge.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
  expect(body.result.structuredContent).toEqual({ region: 'us-west1' });
});
