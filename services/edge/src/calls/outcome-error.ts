import { errorCodes, type Failure, type JsonObject } from '@toolplane/contracts';
import { McpError } from '../protocol/mcp-error.ts';
import { TRACE_ID_META_KEY } from '../protocol/protocol.ts';
import { toErrorText, toStructuredError } from './tool-result.ts';

/**
 * Converts a failed outcome to an error where the protocol has no result for failures: prompts, resources, and tasks
 * without an answer.
 */
export function toRpcError(failure: Failure, traceId: string | undefined): McpError {
  const data = toStructuredError(failure) as JsonObject;
  return new McpError(errorCodes[failure.error.code].rpc, toErrorText(failure), {
    data: traceId === undefined ? data : { ...data, [TRACE_ID_META_KEY]: traceId },
  });
}
