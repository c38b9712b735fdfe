import { answerTask } from '../calls/tasks.ts';
import { readInputResponses } from '../protocol/input-responses.ts';
import { invalidParams } from '../protocol/mcp-error.ts';
import type { Handle } from './handle.ts';
import { requireTask } from './require-task.ts';

/** `tasks/update`: stores answers to some or all of a task's questions. */
export const updateTask: Handle = async (request, edge) => {
  await requireTask(request, (taskId) => {
    const responses = readInputResponses(request.params);
    if (responses === undefined) throw invalidParams('inputResponses is missing');
    return answerTask(edge, request, taskId, responses);
  });
  return { members: '' };
};
