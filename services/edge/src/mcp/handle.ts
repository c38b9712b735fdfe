import type { McpRequest } from '../calls/mcp-request.ts';
import type { Edge } from '../edge.ts';
import type { Result } from '../protocol/result.ts';

/**
 * Answers one method. Throws `McpError` for what JSON-RPC calls an error; any other thrown error is an internal one.
 */
export type HandleMethod = (request: McpRequest, edge: Edge) => Promise<Result> | Result;
