import { AppError } from '@toolplane/contracts';

/** Thrown for a rate limit of the connector itself; no request has reached the upstream. */
export class RateLimitError extends AppError {
  readonly retryAfterMs: number;

  constructor(connector: string, retryAfterMs: number) {
    const seconds = Math.ceil(retryAfterMs / 1000);
    super('rate_limited', `The rate limit of the connector ${connector} is reached; try again in ${seconds} s`);
    this.name = 'RateLimitError';
    this.retryAfterMs = retryAfterMs;
  }
}
