import { describe, expect, test } from '@jest/globals';
import { McpError } from '../protocol/mcp-error.ts';
import { toPlainRequest } from './plain-request.ts';
import { readMessage } from './read-message.ts';

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const capabilitiesKey = 'io.modelcontextprotocol/clientCapabilities';
const clientInfoKey = 'io.modelcontextprotocol/clientInfo';
const capabilities = {
  elicitation: { form: {}, url: {} },
  sampling: { tools: {} },
  roots: { listChanged: true },
  extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } },
};
const clientInfo = { name: 'c', title: 'C', version: '1' };
const modernHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
const call = (params: unknown, extra: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params,
  ...extra,
});

describe('the hot path handles', () => {
  test.each([
    ['a legacy call', call({ name: 'echo', arguments: { a: 1 } }), { 'mcp-protocol-version': '2025-11-25' }, 'legacy'],
    ['a call without any header', call({ name: 'echo' }), {}, 'legacy'],
    ['a modern call', call({ name: 'echo', _meta: meta }), modernHeaders, 'modern'],
    [
      'a modern call of a client that declares all its capabilities',
      call({ name: 'echo', _meta: { ...meta, [capabilitiesKey]: capabilities, [clientInfoKey]: clientInfo } }),
      modernHeaders,
      'modern',
    ],
  ])('%s', (_name, message, headers, era) => {
    expect(toPlainRequest(message, headers)).toMatchObject({
      id: 1,
      era,
      method: 'tools/call',
      params: { name: 'echo' },
    });
  });
});

describe('the hot path leaves to the long way', () => {
  test.each([
    ['a method that is not text', { jsonrpc: '2.0', id: 1, method: 7 }, {}],
    ['a notification', { jsonrpc: '2.0', method: 'tools/call', params: { name: 'echo' } }, {}],
    ['another JSON-RPC version', { ...call({ name: 'echo' }), jsonrpc: '1.0' }, {}],
    ['a null id (B008)', call({ name: 'echo' }, { id: null }), {}],
    ['a fractional id (B008)', call({ name: 'echo' }, { id: 1.5 }), {}],
    ['an id of 1 MB (B008)', call({ name: 'echo' }, { id: 'x'.repeat(1_000_000) }), {}],
    ['params that are a list', call(['echo']), {}],
    ['a call with a progress token', call({ name: 'echo', _meta: { progressToken: 1 } }), {}],
    ['a call with an idempotency key', call({ name: 'echo' }), { 'idempotency-key': 'k' }],
    ['a retry with input', call({ name: 'echo', inputResponses: {} }), {}],
    ['a call that wants a stream', call({ name: 'echo' }), { accept: 'text/event-stream' }],
    [
      'a call that wants anything but JSON',
      call({ name: 'echo' }),
      { accept: 'text/event-stream, application/json;q=0' },
    ],
    ['a batch', [call({ name: 'echo' })], {}],
    ['an unknown protocol version (B017)', call({ name: 'echo' }), { 'mcp-protocol-version': '1999-01-01' }],
    ['a modern header without the envelope', call({ name: 'echo' }), modernHeaders],
    [
      'an envelope without capabilities',
      call({ name: 'echo', _meta: { ...meta, 'io.modelcontextprotocol/clientCapabilities': 1 } }),
      modernHeaders,
    ],
    [
      'a version header that differs from the body (B017)',
      call({ name: 'echo', _meta: meta }),
      { ...modernHeaders, 'mcp-protocol-version': '2025-11-25' },
    ],
    ['a missing Mcp-Method header', call({ name: 'echo', _meta: meta }), { ...modernHeaders, 'mcp-method': undefined }],
    [
      'an Mcp-Name header of another tool (B017)',
      call({ name: 'echo', _meta: meta }),
      { ...modernHeaders, 'mcp-name': 'other' },
    ],
  ])('%s', (_name, message, headers) => {
    expect(toPlainRequest(message, headers)).toBeUndefined();
  });
});

describe('the hot path handles nothing that the long way refuses', () => {
  const modernCall = (extra: object) => [call({ name: 'echo', _meta: { ...meta, ...extra } }), modernHeaders] as const;
  const capable = (capabilities: unknown) => modernCall({ [capabilitiesKey]: capabilities });
  test.each<[string, object, Record<string, string>]>([
    ...['result', 'error', 'unknown'].map(
      (name) =>
        [`a member ${name}`, call({ name: 'echo' }, { [name]: {} }), {}] as [string, object, Record<string, string>],
    ),
    ['a client without name and version', ...modernCall({ [clientInfoKey]: {} })],
    ['a client without version', ...modernCall({ [clientInfoKey]: { name: 'x' } })],
    ['a client whose name is not text', ...modernCall({ [clientInfoKey]: { name: 5, version: '1' } })],
    ['a client whose title is not text', ...modernCall({ [clientInfoKey]: { ...clientInfo, title: 5 } })],
    ['a client with a malformed icon', ...modernCall({ [clientInfoKey]: { ...clientInfo, icons: [5] } })],
    ['elicitation that is a number', ...capable({ elicitation: 5 })],
    ['forms that are a number', ...capable({ elicitation: { form: 5 } })],
    ['forms with malformed defaults', ...capable({ elicitation: { form: { applyDefaults: 5 } } })],
    ['sampling that is text', ...capable({ sampling: 'x' })],
    ['sampling tools that are text', ...capable({ sampling: { tools: 'x' } })],
    ['extensions that are a list', ...capable({ extensions: [] })],
    ['an extension that is a number', ...capable({ extensions: { 'a/b': 5 } })],
    ['an experimental capability that is a number', ...capable({ experimental: { a: 5 } })],
    ['roots with a flag that is text', ...capable({ roots: { listChanged: 'x' } })],
    [
      'a task whose id is a number',
      call({ name: 'echo', _meta: { 'io.modelcontextprotocol/related-task': { taskId: 5 } } }),
      {},
    ],
  ])('%s', (_name, message, headers) => {
    expect(() => readMessage(message, headers)).toThrow(McpError);
    expect(toPlainRequest(message, headers)).toBeUndefined();
  });
});
