import type { IncomingHttpHeaders } from 'node:http';
import {
  legacyProtocolVersions,
  MODERN_PROTOCOL_VERSION,
  metaKeys,
  PROTOCOL_VERSION_WITHOUT_HEADER,
} from './protocol.ts';

/** A `tools/call` that is right in every respect the transport can see. */
export type PlainCall = {
  id: string | number;
  era: 'legacy' | 'modern';
  protocolVersion: string;
  name: string;
  callArguments: unknown;
  meta: Record<string, unknown> | undefined;
};

export const REQUEST_ID_LENGTH_MAX = 256;

type JsonRecord = Record<string, unknown>;

/**
 * Recognises the requests that the hot path serves without the SDK. Only what is plainly right passes; anything odd
 * gives `undefined` and goes to the SDK, which then decides how it is answered. So this can be strict and stay small.
 */
export function toPlainCall(message: unknown, headers: IncomingHttpHeaders): PlainCall | undefined {
  if (!isRecord(message) || message.jsonrpc !== '2.0' || message.method !== 'tools/call') return undefined;
  const { id, params } = message;
  if (!isRequestId(id) || !isRecord(params)) return undefined;
  const { name, arguments: callArguments, _meta: meta } = params;
  if (typeof name !== 'string' || (meta !== undefined && !isRecord(meta))) return undefined;
  if (meta !== undefined && metaKeys.protocolVersion in meta) {
    if (!isModern(meta, headers, name)) return undefined;
    return { id, era: 'modern', protocolVersion: MODERN_PROTOCOL_VERSION, name, callArguments, meta };
  }
  const version = headers['mcp-protocol-version'] ?? PROTOCOL_VERSION_WITHOUT_HEADER;
  if (!(legacyProtocolVersions as readonly unknown[]).includes(version)) return undefined;
  return { id, era: 'legacy', protocolVersion: version as string, name, callArguments, meta };
}

/** The checks T5 and T6 of MCP 2026-07-28: the headers say what the body says. */
function isModern(meta: JsonRecord, headers: IncomingHttpHeaders, name: string): boolean {
  const clientInfo = meta[metaKeys.clientInfo];
  return (
    meta[metaKeys.protocolVersion] === MODERN_PROTOCOL_VERSION &&
    isRecord(meta[metaKeys.clientCapabilities]) &&
    (clientInfo === undefined || isRecord(clientInfo)) &&
    headers['mcp-protocol-version'] === MODERN_PROTOCOL_VERSION &&
    headers['mcp-method'] === 'tools/call' &&
    headers['mcp-name'] === name
  );
}

function isRequestId(id: unknown): id is string | number {
  return (typeof id === 'string' && id.length <= REQUEST_ID_LENGTH_MAX) || Number.isSafeInteger(id);
}

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
