import { toAppError } from '@toolplane/contracts';
import { parseJsonBody } from '@toolplane/service-kit/parse-json-body';
import { runCompileTask } from './compile-task.ts';
import type { TaskAnswer, TaskMessage } from './task-message.ts';

/** The script of the task processes: whatever a tenant can make slow or large is done here. */

/** More than any request has that carries documents; the answer stays cheap to take. */
const VALUES_MAX = 1000;

function answer(message: TaskMessage): TaskAnswer {
  try {
    return { ok: true, value: run(message) };
  } catch (thrown) {
    const { code, message: text, cause } = toAppError(thrown);
    // Errors do not keep their fields on the way.
    return { ok: false, error: { code, message: text, ...(cause instanceof Error && { cause: partsOf(cause) }) } };
  }
}

function partsOf({ message, stack = '' }: Error) {
  return { message, stack };
}

function run(message: TaskMessage): unknown {
  if (message.kind === 'compile') return runCompileTask(message.task);
  return parseJsonBody(message.bytes, { valuesMax: VALUES_MAX });
}

process.on('message', (message: TaskMessage) => void process.send?.(answer(message)));
process.send?.('loaded');
