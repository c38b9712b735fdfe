import { AppError } from '@toolplane/contracts';

export function queueUnavailable(cause?: unknown): AppError {
  return new AppError('queue_unavailable', 'The queue cannot be reached', { cause });
}

/**
 * Turns every failure of Redis or of the connection to it into one error. A refusal from before the request was sent is
 * rethrown unchanged.
 */
export async function orUnavailable<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    throw error instanceof AppError ? error : queueUnavailable(error);
  }
}
