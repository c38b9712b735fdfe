import { flushCompileCache } from 'node:module';
import { connectorSchemaJson } from '@toolplane/compiler';
import { toAppError } from '@toolplane/contracts';
import { parseJsonBody } from '@toolplane/service-kit/parse-json-body';
import { runCompileTask } from './compile-task.ts';
import { runConnectorTask, runDiffTask, runImportTask, runOpenApiTask } from './connector-tasks.ts';
import type { TaskAnswer, TaskMessage } from './task-message.ts';

/** The script of the task processes: everything that a tenant can make slow or large runs here. */

/** The limit is higher than any request with documents needs, and keeps receiving the answer cheap. */
const VALUES_MAX = 10_000;

function answer(message: TaskMessage): TaskAnswer {
  try {
    return { ok: true, value: run(message) };
  } catch (thrown) {
    const { code, message: text, cause } = toAppError(thrown);
    // Errors lose their fields when they are sent to another process.
    return { ok: false, error: { code, message: text, ...(cause instanceof Error && { cause: partsOf(cause) }) } };
  }
}

function partsOf({ message, stack = '' }: Error) {
  return { message, stack };
}

function run(message: TaskMessage): unknown {
  switch (message.kind) {
    case 'compile':
      return runCompileTask(message.task);
    case 'parse':
      return parseJsonBody(message.bytes, { valuesMax: VALUES_MAX });
    case 'connector':
      return runConnectorTask(message.text);
    case 'connector-schema':
      return JSON.stringify(connectorSchemaJson());
    case 'import':
      return runImportTask(message.task);
    case 'openapi':
      return runOpenApiTask(message.text);
    case 'diff':
      return runDiffTask(message.task);
  }
}

process.on('message', (message: TaskMessage) => void process.send?.(answer(message)));
// Writing the compile cache halves the loading time of the next process. It is written now, because such a process is
// killed and never exits on its own.
flushCompileCache();
process.send?.('loaded');
