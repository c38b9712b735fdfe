import type { ErrorCode } from './error-codes.ts';

/**
 * The one error class. `message` is written for the caller. `cause` appears only in logs. `details` are also for the
 * caller (for instance one entry per violated rule) and never quote the value that was sent.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details;
  }
}

/** Unknown throwables become `internal` with a fixed text, so that the caller learns nothing about them. */
export function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new AppError('internal', 'Internal error', { cause: thrown });
}

type BrokenRule = { path: string; message: string; suggestions?: readonly string[] };

/**
 * An error for a request that breaks rules. Each rule comes with its location; the value that was sent is never quoted.
 */
export function notValid(details: readonly BrokenRule[]): AppError {
  return new AppError('invalid_request', 'The request is not valid', { details });
}
