import type { ErrorCode } from '@toolplane/contracts';
import type { CompileTask } from './compile-task.ts';
import type { DiffTask, ImportTask } from './connector-tasks.ts';

export type TaskMessage =
  | { kind: 'compile'; task: CompileTask }
  | { kind: 'parse'; bytes: Uint8Array }
  | { kind: 'connector'; text: string }
  | { kind: 'connector-schema' }
  | { kind: 'import'; task: ImportTask }
  | { kind: 'openapi'; text: string }
  | { kind: 'diff'; task: DiffTask };

export type TaskAnswer =
  | { ok: true; value: unknown }
  | { ok: false; error: { code: ErrorCode; message: string; cause?: { message: string; stack: string } } };
