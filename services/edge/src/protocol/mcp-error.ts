import type { Json } from '@toolplane/contracts';

/** An error that is sent as an answer. The message never quotes the request. */
export class McpError extends Error {
  readonly code: number;
  readonly data: Json | undefined;
  /** The HTTP status, if it is not the usual one for the code. */
  readonly status: number | undefined;

  constructor(code: number, message: string, { data, status }: { data?: Json; status?: number } = {}) {
    super(message);
    this.name = 'McpError';
    this.code = code;
    this.data = data;
    this.status = status;
  }
}

export const rpcCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  /** Legacy only. From 2026-07-28 on, the code is `invalidParams`. */
  resourceNotFound: -32002,
  headerMismatch: -32020,
  missingClientCapability: -32021,
  unsupportedProtocolVersion: -32022,
  /** Only in MCP 2025-11-25. */
  urlElicitationRequired: -32042,
} as const;

export function invalidParams(message: string, data?: Json): McpError {
  return new McpError(rpcCodes.invalidParams, message, data === undefined ? {} : { data });
}
