import { AppError } from '@toolplane/contracts';
import type { CompileAnswer, CompileTask } from './compile-task.ts';
import type { ConnectorAnswer, DiffAnswer, DiffTask, ImportAnswer, ImportTask } from './connector-tasks.ts';
import type { TaskAnswer, TaskMessage } from './task-message.ts';
import { createTaskPool } from './task-pool.ts';
import { TaskLost } from './task-process.ts';
import { tooComplex } from './too-complex.ts';

/**
 * Parses tenants' documents in separate processes, with limits of time and memory for each document. The calling
 * process never parses a document, and does not even load the compiler.
 */
export type Compiler = AsyncDisposable & {
  compile(workspaceId: string, task: CompileTask): Promise<CompileAnswer>;
  readConnector(workspaceId: string, text: string): Promise<ConnectorAnswer>;
  /** Creates a descriptor from an OpenAPI document. */
  importOpenApi(workspaceId: string, task: ImportTask): Promise<ImportAnswer>;
  /** Returns the OpenAPI document of a descriptor as JSON text. */
  toOpenApi(workspaceId: string, text: string): Promise<string>;
  /** Returns the differences between two descriptors. */
  diff(workspaceId: string, task: DiffTask): Promise<DiffAnswer>;
  /** Returns the JSON Schema of descriptors as JSON text. */
  connectorSchema(): Promise<string>;
  /** Parses JSON by the rules of the REST API. */
  parseBody(workspaceId: string, bytes: Buffer): Promise<unknown>;
};

/** The limit is above those of the compiler itself, which can report more precisely what takes the time. */
const TASK_MS_MAX = 20_000;
const HEAP_MB_MAX = 1024;
const PROCESSES_MAX = 2;
/** The memory limit for all documents together, in addition to the process that requests the work. */
export const COMPILING_MB_MAX = PROCESSES_MAX * HEAP_MB_MAX;
/** The name under which work of the platform itself is queued, so that it does not count as work of any tenant. */
const PLATFORM = 'platform';

export function createCompiler({ taskMsMax = TASK_MS_MAX, heapMbMax = HEAP_MB_MAX } = {}): Compiler {
  const pool = createTaskPool({
    script: new URL('./task-script.ts', import.meta.url),
    processesMax: PROCESSES_MAX,
    waitingMax: 50,
    tenantWaitingMax: 10,
    taskMsMax,
    heapMbMax,
  });

  /** `report` creates the answer for a document that exceeds a limit; its argument names the limit. */
  async function run<Answer>(
    workspaceId: string,
    message: TaskMessage,
    report: (needs: string, cause: TaskLost) => Answer,
  ): Promise<Answer> {
    try {
      return (await ask(workspaceId, message)) as Answer;
    } catch (error) {
      if (!(error instanceof TaskLost)) throw error;
      if (error.by === 'end') throw interrupted(error);
      return report(error.by === 'time' ? `more than ${taskMsMax / 1000} seconds` : 'too much memory', error);
    }
  }

  async function ask(workspaceId: string, message: TaskMessage): Promise<unknown> {
    const answer = (await pool.run(workspaceId, message)) as TaskAnswer;
    if (answer.ok) return answer.value;
    const { code, message: text, cause } = answer.error;
    throw new AppError(code, text, cause && { cause: Object.assign(new Error(cause.message), { stack: cause.stack }) });
  }

  return {
    compile: (workspaceId, task) =>
      run<CompileAnswer>(workspaceId, { kind: 'compile', task }, (needs) => ({
        diagnostics: [tooComplex(`Compiling the document takes ${needs}`)],
      })),
    readConnector: (workspaceId, text) =>
      run<ConnectorAnswer>(workspaceId, { kind: 'connector', text }, (needs) => ({
        diagnostics: [tooComplex(`Reading the descriptor takes ${needs}`)],
      })),
    importOpenApi: (workspaceId, task) =>
      run<ImportAnswer>(workspaceId, { kind: 'import', task }, (needs) => ({
        diagnostics: [tooComplex(`Importing the document takes ${needs}`)],
        imported: 0,
        skipped: [],
      })),
    toOpenApi: (workspaceId, text) => run<string>(workspaceId, { kind: 'openapi', text }, refuse),
    diff: (workspaceId, task) => run<DiffAnswer>(workspaceId, { kind: 'diff', task }, refuse),
    connectorSchema: () => run<string>(PLATFORM, { kind: 'connector-schema' }, refuse),
    parseBody: (workspaceId, bytes) =>
      run<unknown>(workspaceId, { kind: 'parse', bytes }, (_needs, cause) => {
        throw new AppError('invalid_request', 'Reading the body takes too much time or memory', { cause });
      }),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

function refuse(needs: string, cause: TaskLost): never {
  throw new AppError('invalid_document', `Creating the answer takes ${needs}`, { cause });
}

function interrupted(cause: TaskLost): AppError {
  return new AppError('config_unavailable', 'The document could not be read completely; try again', { cause });
}
