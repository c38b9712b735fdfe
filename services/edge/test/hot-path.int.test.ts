import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FinalOutcome, failed, succeeded } from '@toolplane/contracts';
import { toToolResult } from '../src/calls/tool-result.ts';
import { createSdkOracle, type OracleServer, type SdkOracle } from './sdk-oracle.ts';
import { call, echoTool, modern, startTestEdge, type TestEdge } from './test-edge.ts';

/*
 * The edge writes its answers by hand, and those of a plain tool call on a separate path. The official SDK, which
 * serves the same server, is the oracle: both must give the same answers. For errors, that means status, code and id;
 * the texts of the SDK quote the input, ours do not.
 */

let edge: TestEdge;
let oracle: SdkOracle;
let outcome: FinalOutcome = succeeded({ text: 'a' });

/** The trace id, which the answers of failed calls contain. */
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const legacyHeaders = { traceparent, 'mcp-protocol-version': '2025-06-18' };
const modernHeaders = (method: string, name?: string) => ({ traceparent, ...modern.headers(method, name) });

beforeAll(async () => {
  edge = await startTestEdge();
  edge.handle = async () => outcome;
  const described: OracleServer = {
    serverInfo: { name: edge.slug, title: 'Echo server', version: '1' },
    instructions: 'Call echo.',
    capabilities: { tools: { listChanged: true }, logging: {} },
    tools: [echoTool],
    ttlMs: 60_000,
    callTool() {
      const { members, meta } = toToolResult({ outcome, traceId }, { isRepeatable: true });
      return { ...JSON.parse(`{${members}}`), ...(meta === undefined ? {} : { _meta: meta }) };
    },
  };
  oracle = createSdkOracle(described);
});
afterAll(async () => edge[Symbol.asyncDispose]());

async function expectSame(body: object, headers: Record<string, string>): Promise<void> {
  const ours = await edge.post(body, { headers });
  const theirs = await oracle.answer(body, headers);
  expect(ours.status).toBe(theirs.status);
  expect(ours.body).toEqual(theirs.body);
  expect(ours.headers.get('content-type')).toBe(theirs.type);
}

const outcomes: [string, FinalOutcome][] = [
  ['outputs', succeeded({ text: 'naïve "quoted" \u2028 text', nested: { list: [1, null, true] } })],
  ['no outputs', succeeded({})],
  ['content blocks', succeeded({}, [{ type: 'image', data: 'AAAA', mimeType: 'image/png' }])],
  ['an error of the tool', failed('done', 'no_action_matched', 'No action matched', { stepId: 'find', status: 500 })],
  ['a refusal', failed('not_started', 'tenant_busy', 'Busy', { retryAfterMs: 250 })],
  ['an unknown outcome', failed('unknown', 'upstream_timeout', 'No answer in time')],
];

describe.each(outcomes)('a call with %s', (_name, given) => {
  beforeAll(() => {
    outcome = given;
  });

  test('is answered as the SDK answers it to a modern client', async () => {
    await expectSame(call({ text: 'a' }, { _meta: modern.meta }), modernHeaders('tools/call', 'echo'));
  });

  test('is answered as the SDK answers it to a legacy client', async () => {
    await expectSame(call({ text: 'a' }), legacyHeaders);
  });

  test('is answered the same on the long way', async () => {
    const message = call({ text: 'a' }, { _meta: modern.meta });
    const plain = await edge.post(message, { headers: modernHeaders('tools/call', 'echo') });
    // The same name in base64: allowed, but not recognised by the hot path.
    const base64Name = `=?base64?${Buffer.from('echo').toString('base64')}?=`;
    const long = await edge.post(message, { headers: modernHeaders('tools/call', base64Name) });
    expect([long.status, long.body]).toEqual([plain.status, plain.body]);
  });
});

const request = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 7, method, params });
const modernRequest = (method: string, params: object = {}) => request(method, { ...params, _meta: modern.meta });

describe('answered as the SDK answers them:', () => {
  test.each([
    ['tools/list, legacy', request('tools/list'), legacyHeaders],
    ['tools/list, modern', modernRequest('tools/list'), modernHeaders('tools/list')],
    ['server/discover', modernRequest('server/discover'), modernHeaders('server/discover')],
    ['ping, legacy', request('ping'), legacyHeaders],
    ['a legacy notification', { jsonrpc: '2.0', method: 'notifications/initialized' }, legacyHeaders],
  ])('%s', async (_name, body, headers) => {
    const ours = await edge.post(body, { headers });
    const theirs = await oracle.answer(body, headers);
    // The answer of the SDK to `server/discover` names the versions of the SDK.
    expect([ours.status, ours.body]).toEqual([theirs.status, theirs.body]);
  });

  test.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '1999-01-01'])(
    'initialize with version %s',
    async (protocolVersion) => {
      const body = request('initialize', {
        protocolVersion,
        capabilities: { sampling: {} },
        clientInfo: { name: 'c', version: '1' },
      });
      await expectSame(body, {});
    },
  );
});

describe('refused with the status, code and id of the SDK:', () => {
  const { 'io.modelcontextprotocol/clientCapabilities': _, ...metaWithoutCapabilities } = modern.meta;
  test.each<[string, object, Record<string, string>]>([
    ['an unknown method, legacy', request('no/such'), legacyHeaders],
    ['an unknown method, modern', modernRequest('no/such'), modernHeaders('no/such')],
    ['a removed method', modernRequest('ping'), modernHeaders('ping')],
    ['a method that the server does not offer', modernRequest('prompts/list'), modernHeaders('prompts/list')],
    ['an unknown cursor', modernRequest('tools/list', { cursor: 'zzz' }), modernHeaders('tools/list')],
    ['an unknown tool', modernRequest('tools/call', { name: 'no' }), modernHeaders('tools/call', 'no')],
    ['another version in the header', modernRequest('tools/list'), { ...legacyHeaders, 'mcp-method': 'tools/list' }],
    ['another method in the header', modernRequest('tools/list'), modernHeaders('tools/call')],
    ['no method in the header', modernRequest('tools/list'), { 'mcp-protocol-version': '2026-07-28' }],
    ['no version in the header', modernRequest('tools/list'), { 'mcp-method': 'tools/list' }],
    ['another name in the header', modernRequest('tools/call', { name: 'echo' }), modernHeaders('tools/call', 'x')],
    ['no name in the header', modernRequest('tools/call', { name: 'echo' }), modernHeaders('tools/call')],
    [
      'a name in broken base64',
      modernRequest('tools/call', { name: 'echo' }),
      modernHeaders('tools/call', '=?base64?%%%?='),
    ],
    ['no _meta', request('tools/list'), modernHeaders('tools/list')],
    [
      'no capabilities in _meta',
      request('tools/list', { _meta: metaWithoutCapabilities }),
      modernHeaders('tools/list'),
    ],
    ['a modern batch', [modernRequest('tools/list')], modernHeaders('tools/list')],
    ['an empty batch', [], {}],
    ['a body that is not a message', { hello: 1 }, {}],
    [
      'a future version',
      request('tools/list', { _meta: { ...modern.meta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' } }),
      { 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' },
    ],
  ])('%s', async (_name, body, headers) => {
    const ours = await edge.post(body, { headers });
    const theirs = await oracle.answer(body, headers);
    const signOf = ({ status, body: answer }: { status: number; body: JsonRpcError }) => ({
      status,
      id: answer?.id,
      code: answer?.error?.code,
    });
    expect(signOf(ours)).toEqual(signOf(theirs));
    expect(ours.body.error.message).not.toMatch(/no\/such|2099|%%%/);
  });
});

type JsonRpcError = { id?: unknown; error?: { code: number } } | undefined;

test.each(['tools', 'prompts', 'resources', 'resources/templates'])(
  '%s/list begins with an empty cursor like without one',
  async (list) => {
    const plan = { planDigest: 'd1', deadlineMs: 5000 };
    const resourceTemplates = [
      { uriTemplate: 'night://train/{number}', name: 'train', variables: [{ name: 'number' }], ...plan },
    ];
    await edge.publishServer({
      prompts: [{ name: 'greet', arguments: [], ...plan }],
      resources: [{ uri: 'night://menu', name: 'menu', ...plan }],
      resourceTemplates,
    });
    const ask = (params: object) => edge.post({ jsonrpc: '2.0', id: 1, method: `${list}/list`, params });
    const all = (await ask({})).body;
    expect([all.error, (await ask({ cursor: '' })).body.result]).toEqual([undefined, all.result]);
  },
);
