import { cancelTask } from '../calls/tasks.ts';
import type { Handle } from './handle.ts';
import { requireTask } from './require-task.ts';

/** `tasks/cancel`: the answer confirms receipt; `tasks/get` reports what became of the task. */
export const cancelTaskMethod: Handle = async (request, edge) => {
  await requireTask(request, (taskId) => cancelTask(edge, request, taskId));
  return { members: '' };
};
