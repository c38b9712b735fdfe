import { AppError } from '@toolplane/contracts';

export function queueUnavailable(cause?: unknown): AppError {
  return new AppError('queue_unavailable', 'The queue cannot be reached', { cause });
}

/** Whatever Redis or the way to it fails with is one error; what was refused before it was asked stays. */
export async function orUnavailable<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    throw error instanceof AppError ? error : queueUnavailable(error);
  }
}
