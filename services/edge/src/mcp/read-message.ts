import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { classifyInboundRequest } from '@modelcontextprotocol/server';
import type { Json } from '@toolplane/contracts';
import { type JsonRecord, McpError, rpcCodes } from './mcp-request.ts';
import { REQUEST_ID_LENGTH_MAX } from './plain-request.ts';
import {
  isLegacyVersion,
  legacyProtocolVersions,
  MODERN_PROTOCOL_VERSION,
  metaKeys,
  PROTOCOL_VERSION_WITHOUT_HEADER,
} from './protocol.ts';

/** What a POST carries, in the terms of its era. */
export type Message =
  | {
      kind: 'request';
      era: 'legacy' | 'modern';
      protocolVersion: string;
      id: string | number;
      method: string;
      params: JsonRecord;
      meta: JsonRecord;
    }
  | { kind: 'notification'; era: 'legacy' | 'modern'; method: string; params: JsonRecord }
  | { kind: 'response'; message: Json };

/** Params that modern clients repeat in `Mcp-Name`, by method. */
const nameSources: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

/** The texts of the SDK quote what was sent, so these stand in for them. */
const texts: Readonly<Record<number, string>> = {
  [rpcCodes.invalidRequest]: 'Invalid request: the body is not one valid JSON-RPC message of its protocol version',
  [rpcCodes.invalidParams]: 'Invalid params: _meta lacks what protocol version 2026-07-28 requires',
  [rpcCodes.headerMismatch]: 'Header mismatch: the MCP headers and the body contradict each other',
};

/** Tells what one parsed message is and checks it against the headers (T5, T6, T11). Throws `McpError`. */
export function readMessage(message: unknown, headers: IncomingHttpHeaders): Message {
  const version = toText(headers['mcp-protocol-version']);
  const route = classifyInboundRequest({
    httpMethod: 'POST',
    body: message,
    ...(version === undefined ? {} : { protocolVersionHeader: version }),
    ...(headers['mcp-method'] === undefined ? {} : { mcpMethodHeader: toText(headers['mcp-method']) ?? '' }),
  });
  if (route.kind === 'reject') {
    throw new McpError(route.code, texts[route.code] ?? 'Invalid request', { status: route.httpStatus });
  }
  const { id, method, params: sent } = message as JsonRecord;
  const params = toRecord(sent);
  if (typeof id === 'string' && id.length > REQUEST_ID_LENGTH_MAX) {
    throw new McpError(
      rpcCodes.invalidRequest,
      `Invalid request: an id has at most ${REQUEST_ID_LENGTH_MAX} characters`,
      {
        status: 400,
      },
    );
  }
  if (route.kind === 'legacy') {
    if (route.reason === 'response') return { kind: 'response', message: message as Json };
    if (route.reason === 'notification') {
      return { kind: 'notification', era: 'legacy', method: String(method), params };
    }
  } else if (route.messageKind === 'notification') {
    return { kind: 'notification', era: 'modern', method: String(method), params };
  }
  const request = {
    kind: 'request',
    id: id as string | number,
    method: String(method),
    params,
    meta: toRecord(params['_meta']),
  } as const;
  if (route.kind === 'modern') {
    const claimed = request.meta[metaKeys.protocolVersion];
    if (claimed !== MODERN_PROTOCOL_VERSION) throw unsupportedVersion(claimed, [MODERN_PROTOCOL_VERSION]);
    checkHeaders(request, headers);
    return { ...request, era: 'modern', protocolVersion: MODERN_PROTOCOL_VERSION };
  }
  // Before the handshake there is no version that was agreed on, so what the header says does not count.
  const protocolVersion = request.method === 'initialize' ? undefined : version;
  if (protocolVersion !== undefined && !isLegacyVersion(protocolVersion))
    throw unsupportedVersion(protocolVersion, [MODERN_PROTOCOL_VERSION, ...legacyProtocolVersions]);
  return { ...request, era: 'legacy', protocolVersion: protocolVersion ?? PROTOCOL_VERSION_WITHOUT_HEADER };
}

function checkHeaders({ method, params }: { method: string; params: JsonRecord }, headers: IncomingHttpHeaders): void {
  const isStated = headers['mcp-protocol-version'] !== undefined && headers['mcp-method'] !== undefined;
  const source = nameSources.get(method);
  const name = source === undefined ? undefined : params[source];
  const isNamed = typeof name !== 'string' || decodeHeader(toText(headers['mcp-name'])) === name;
  if (!isStated || !isNamed) {
    throw new McpError(rpcCodes.headerMismatch, texts[rpcCodes.headerMismatch] ?? '', { status: 400 });
  }
}

/**
 * A header value as MCP 2026-07-28 writes it: as it is, or in base64 where a header could not carry it. Undefined for
 * base64 that is not canonical or no UTF-8: Node would read it as far as it can, and somebody else differently.
 */
export function decodeHeader(value: string | undefined): string | undefined {
  const base64 = /^=\?base64\?(.*)\?=$/.exec(value ?? '')?.[1];
  if (base64 === undefined) return value;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 && isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** In `_meta` only versions can be named that `server/discover` lists. */
function unsupportedVersion(requested: unknown, supported: string[]): McpError {
  const data = {
    supported,
    requested: typeof requested === 'string' ? requested.slice(0, 32) : 'unknown',
  };
  return new McpError(rpcCodes.unsupportedProtocolVersion, 'Unsupported protocol version', { data, status: 400 });
}

function toText(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.trim() : undefined;
}

function toRecord(value: unknown): JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonRecord) : {};
}
