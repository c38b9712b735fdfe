import { errorCodes, type Json, type JsonObject, toAppError } from '@toolplane/contracts';
import { McpError, rpcCodes } from './mcp-error.ts';
import { metaKeys } from './protocol.ts';
import type { Result } from './result.ts';

type Id = string | number | null;

export function resultText(
  era: 'legacy' | 'modern',
  id: Id,
  result: Result,
  { serverInfo }: { serverInfo: JsonObject },
): string {
  if ('prepared' in result) return preparedHead(id) + result.prepared.toString();
  const meta: JsonObject = { ...result.meta, ...(era === 'modern' ? { [metaKeys.serverInfo]: serverInfo } : {}) };
  const parts = [
    ...(era === 'modern' ? [`"resultType":"${result.kind ?? 'complete'}"`] : []),
    ...(result.members === '' ? [] : [result.members]),
    ...(Object.keys(meta).length === 0 ? [] : [`"_meta":${JSON.stringify(meta)}`]),
  ];
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{${parts.join(',')}}}`;
}

/** Returns the text before a result that is already bytes. These bytes also end the whole text. */
export function preparedHead(id: Id): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":`;
}

/** The beginning of an answer whose id is at its end, so that everything before the id is the same for all clients. */
export const RESULT_HEAD = '{"jsonrpc":"2.0","result":';
export function preparedTail(id: Id): string {
  return `,"id":${JSON.stringify(id)}}`;
}

export function errorText(id: Id, { code, message, data }: McpError): string {
  const error: Json = { code, message, ...(data === undefined ? {} : { data }) };
  return JSON.stringify({ jsonrpc: '2.0', id, error });
}

export function notificationText(method: string, params: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', method, params });
}

/**
 * Returns the HTTP status of an error answer. For legacy clients, every answer has the usual status. From 2026-07-28
 * on, some errors are also HTTP errors.
 */
export function statusOf({ code, status }: McpError, era: 'legacy' | 'modern'): number {
  if (status !== undefined) return status;
  if (era === 'legacy') return 200;
  if (code === rpcCodes.methodNotFound) return 404;
  return badRequests.has(code) ? 400 : 200;
}

const badRequests: ReadonlySet<number> = new Set([
  rpcCodes.parseError,
  rpcCodes.invalidRequest,
  rpcCodes.headerMismatch,
  rpcCodes.missingClientCapability,
  rpcCodes.unsupportedProtocolVersion,
]);

/** Turns anything thrown into a JSON-RPC error. */
export function toMcpError(thrown: unknown): McpError {
  if (thrown instanceof McpError) return thrown;
  const { code, message } = toAppError(thrown);
  const { http, rpc } = errorCodes[code];
  // A client requests more scopes if the HTTP status says so (RFC 6750), in either era.
  const status = code === 'insufficient_scope' ? { status: http } : {};
  return new McpError(rpc, message, { data: { code }, ...status });
}
