import { type Failure, failed, type Json, toAppError } from '@toolplane/contracts';

/** Converts an error that was thrown before anything was executed. */
export function toFailure(thrown: unknown): Failure {
  const { code, message, details } = toAppError(thrown);
  return failed('not_started', code, message, details === undefined ? {} : { details: details as Json });
}
