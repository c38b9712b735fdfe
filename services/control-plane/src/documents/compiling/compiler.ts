import { AppError } from '@toolplane/contracts';
import type { CompileAnswer, CompileTask } from './compile-task.ts';
import type { TaskAnswer, TaskMessage } from './task-message.ts';
import { createTaskPool } from './task-pool.ts';
import { TaskLost } from './task-process.ts';
import { tooComplex } from './too-complex.ts';

/**
 * Reads what tenants send in processes of its own, each document within bounds of time and memory. This process never
 * parses a document and does not even load the compiler.
 */
export type Compiler = AsyncDisposable & {
  compile(workspaceId: string, task: CompileTask): Promise<CompileAnswer>;
  /** JSON by the rules of the REST API. */
  parseBody(workspaceId: string, bytes: Buffer): Promise<unknown>;
};

/** Above the limits that the compiler holds itself to, which know more of what takes the time. */
const TASK_MS_MAX = 20_000;
const HEAP_MB_MAX = 1024;

export function createCompiler({ taskMsMax = TASK_MS_MAX, heapMbMax = HEAP_MB_MAX } = {}): Compiler {
  const pool = createTaskPool({
    script: new URL('./task-script.ts', import.meta.url),
    ...{ processesMax: 2, waitingMax: 50, tenantWaitingMax: 10, taskMsMax, heapMbMax },
  });

  async function run(workspaceId: string, message: TaskMessage): Promise<unknown> {
    const answer = (await pool.run(workspaceId, message)) as TaskAnswer;
    if (answer.ok) return answer.value;
    const { code, message: text, cause } = answer.error;
    throw new AppError(code, text, cause && { cause: Object.assign(new Error(cause.message), { stack: cause.stack }) });
  }

  return {
    async compile(workspaceId, task) {
      try {
        return (await run(workspaceId, { kind: 'compile', task })) as CompileAnswer;
      } catch (error) {
        if (!(error instanceof TaskLost)) throw error;
        if (error.by === 'end') throw interrupted(error);
        const needs = error.by === 'time' ? `more than ${taskMsMax / 1000} seconds` : 'too much memory';
        return { diagnostics: [tooComplex(`The document takes ${needs} to compile`)] };
      }
    },
    async parseBody(workspaceId, bytes) {
      try {
        return await run(workspaceId, { kind: 'parse', bytes });
      } catch (error) {
        if (!(error instanceof TaskLost)) throw error;
        if (error.by === 'end') throw interrupted(error);
        throw new AppError('invalid_request', 'The body takes too much to be read', { cause: error });
      }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

function interrupted(cause: TaskLost): AppError {
  return new AppError('config_unavailable', 'The document could not be read to its end; try again', { cause });
}
