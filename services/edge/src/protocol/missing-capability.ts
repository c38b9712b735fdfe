import type { JsonObject } from '@toolplane/contracts';
import { McpError, rpcCodes } from './mcp-error.ts';
import { TASKS_EXTENSION } from './protocol.ts';

/**
 * Returns the error −32021 of MCP 2026-07-28: the same request works from a client that declares these capabilities.
 */
export function missingCapability(message: string, requiredCapabilities: JsonObject): McpError {
  return new McpError(rpcCodes.missingClientCapability, message, { data: { requiredCapabilities } });
}

export function missingTasks(): McpError {
  const required: JsonObject = { extensions: { [TASKS_EXTENSION]: {} } };
  return missingCapability('This requires a client that declares the tasks extension in this request', required);
}
