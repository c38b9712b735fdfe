import type { McpRequest } from '../calls/mcp-request.ts';
import type { Task } from '../calls/task-store.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import { missingTasks } from '../protocol/missing-capability.ts';

/**
 * Returns the task that a request names, read with the given function. A task of somebody else, one that has expired
 * and one that never existed all give the same error.
 */
export async function requireTask(
  { client, params: { taskId } }: McpRequest,
  get: (taskId: string) => Promise<Task | undefined>,
): Promise<Task> {
  if (!client.knowsTasks) throw missingTasks();
  const task = typeof taskId === 'string' ? await get(taskId) : undefined;
  if (task === undefined) throw invalidParams('There is no such task, or it has expired');
  return task;
}
