import { AppError } from '@toolplane/contracts';

/** Answers in the same way for what does not exist and for what belongs to somebody else. */
export function orNotFound<T>(found: T | undefined, what?: string): T {
  if (found === undefined)
    throw new AppError('not_found', what === undefined ? 'Not found' : `There is no such ${what}`);
  return found;
}
