import { toDetailedTask } from '../calls/detailed-task.ts';
import { findTask } from '../calls/tasks.ts';
import type { Handle } from './handle.ts';
import { requireTask } from './require-task.ts';

/**
 * `tasks/get` (extension io.modelcontextprotocol/tasks): returns the state of a task, with its result once it has one.
 */
export const getTask: Handle = async (request, edge) => {
  const task = await requireTask(request, (taskId) => findTask(edge, request, taskId));
  return { members: JSON.stringify(toDetailedTask(task)).slice(1, -1) };
};
