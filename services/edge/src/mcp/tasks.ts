import { toDetailedTask } from '../calls/detailed-task.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Task } from '../calls/task-store.ts';
import { answerTask, cancelTask, findTask } from '../calls/tasks.ts';
import { readInputResponses } from '../protocol/input-responses.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import { missingTasks } from '../protocol/missing-capability.ts';
import type { HandleMethod } from './handle.ts';

/* The methods of the tasks extension (io.modelcontextprotocol/tasks). */

/** `tasks/get`: returns the state of a task, with its result once it has one. */
export const getTask: HandleMethod = async (request, edge) => {
  const task = await requireTask(request, (taskId) => findTask(edge, request, taskId));
  return { members: JSON.stringify(toDetailedTask(task)).slice(1, -1) };
};

/** `tasks/update`: stores answers to some or all of a task's questions. */
export const updateTask: HandleMethod = async (request, edge) => {
  await requireTask(request, (taskId) => {
    const responses = readInputResponses(request.params);
    if (responses === undefined) throw invalidParams('inputResponses is missing');
    return answerTask(edge, request, taskId, responses);
  });
  return { members: '' };
};

/** `tasks/cancel`: the answer confirms receipt; `tasks/get` reports what became of the task. */
export const cancelTaskMethod: HandleMethod = async (request, edge) => {
  await requireTask(request, (taskId) => cancelTask(edge, request, taskId));
  return { members: '' };
};

/**
 * Returns the task that a request names, read with the given function. A task of somebody else, one that has expired
 * and one that never existed all give the same error.
 */
async function requireTask(
  { client, params: { taskId } }: McpRequest,
  get: (taskId: string) => Promise<Task | undefined>,
): Promise<Task> {
  if (!client.knowsTasks) throw missingTasks();
  const task = typeof taskId === 'string' ? await get(taskId) : undefined;
  if (task === undefined) throw invalidParams('There is no such task, or it has expired');
  return task;
}
