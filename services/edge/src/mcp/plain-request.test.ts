import { describe, expect, test } from '@jest/globals';
import { toPlainRequest } from './plain-request.ts';

const meta = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};
const modernHeaders = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo' };
const call = (params: unknown, extra: object = {}) => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params,
  ...extra,
});

describe('the hot path takes', () => {
  test.each([
    ['a legacy call', call({ name: 'echo', arguments: { a: 1 } }), { 'mcp-protocol-version': '2025-11-25' }, 'legacy'],
    ['a call without any header', call({ name: 'echo' }), {}, 'legacy'],
    ['a modern call', call({ name: 'echo', _meta: meta }), modernHeaders, 'modern'],
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
    ['a method of no name', { jsonrpc: '2.0', id: 1, method: 7 }, {}],
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
