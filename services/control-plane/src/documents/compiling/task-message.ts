import type { ErrorCode } from '@toolplane/contracts';
import type { CompileTask } from './compile-task.ts';

export type TaskMessage = { kind: 'compile'; task: CompileTask } | { kind: 'parse'; bytes: Uint8Array };

export type TaskAnswer =
  | { ok: true; value: unknown }
  | { ok: false; error: { code: ErrorCode; message: string; cause?: { message: string; stack: string } } };
