import { AppError } from '@toolplane/contracts';

/** For a limit of the connector itself, which no upstream has seen. */
export class RateLimitError extends AppError {
  readonly retryAfterMs: number;

  constructor(connector: string, retryAfterMs: number) {
    const seconds = Math.ceil(retryAfterMs / 1000);
    super('rate_limited', `The rate limit of the connector ${connector} is reached; try again in ${seconds} s`);
    this.name = 'RateLimitError';
    this.retryAfterMs = retryAfterMs;
  }
}
