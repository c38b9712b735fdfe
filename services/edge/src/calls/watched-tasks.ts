import type { JsonObject } from '@toolplane/contracts';
import type { McpRequest } from './mcp-request.ts';

/** The tasks whose changes are reported between `start` and `stop`. */
export type WatchedTasks = { taskIds: string[]; start(): void; stop(): void };

/**
 * Sends `notifications/tasks` for the tasks that belong to this client: the state of each unless it is `working`, and
 * then each change. Tasks beyond the caller's limit are left out.
 */
export type WatchTasks = (
  request: McpRequest,
  taskIds: readonly string[],
  notify: (method: string, params: JsonObject) => void,
) => Promise<WatchedTasks>;
