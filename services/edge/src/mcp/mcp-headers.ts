import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import type { JsonRecord } from '../protocol/json-record.ts';
import { McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { metaKeys } from '../protocol/protocol.ts';

/* The values that modern clients repeat in headers, so that gateways need not read bodies (MCP 2026-07-28). */

/** The params that `Mcp-Name` repeats, by method. */
const nameSources: ReadonlyMap<unknown, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

type Repeated = { method: unknown; params: JsonRecord; meta: JsonRecord };

export function doHeadersAgree(request: Repeated, headers: IncomingHttpHeaders): boolean {
  return findMismatch(request, headers) === undefined;
}

/** Returns an error that names the header, but neither its value nor that of the body. */
export function headerMismatch(request: Repeated, headers: IncomingHttpHeaders): McpError {
  const reason = findMismatch(request, headers) ?? 'the headers and the body contradict each other';
  return new McpError(rpcCodes.headerMismatch, `Header mismatch: ${reason}`, { status: 400 });
}

function findMismatch({ method, params, meta }: Repeated, headers: IncomingHttpHeaders): string | undefined {
  const version = toText(headers['mcp-protocol-version']);
  if (version === undefined) return 'MCP-Protocol-Version is missing';
  const claimed = meta[metaKeys.protocolVersion];
  // A notification need not state a version.
  if (claimed !== undefined && version !== claimed) return 'MCP-Protocol-Version is not the version in _meta';
  const stated = toText(headers['mcp-method']);
  if (stated === undefined) return 'Mcp-Method is missing';
  if (stated !== method) return 'Mcp-Method is not the method of the body';
  const source = nameSources.get(method);
  if (source === undefined) return undefined;
  const name = params[source];
  const named = toText(headers['mcp-name']);
  // A name that is not text cannot be the value of a header, and without a header, the method itself refuses it.
  if (typeof name !== 'string' && named === undefined) return undefined;
  if (named === undefined) return 'Mcp-Name is missing';
  return decodeHeader(named) === name ? undefined : `Mcp-Name is not params.${source} of the body`;
}

/**
 * Decodes a header value as MCP 2026-07-28 writes it: literally, or in base64 if a header could not contain it. Returns
 * undefined for base64 that is not canonical or not UTF-8: Node would decode as much of it as possible, and others
 * differently.
 */
export function decodeHeader(value: string | undefined): string | undefined {
  const base64 = /^=\?base64\?(.*)\?=$/.exec(value ?? '')?.[1];
  if (base64 === undefined) return value;
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 && isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

export function toText(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header.trim() : undefined;
}
