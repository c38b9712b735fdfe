import { AppError, errorCodes, toAppError, toBrokenRules } from '@toolplane/contracts';
import type { ErrorRequestHandler } from 'express';
import type { ZodError } from 'zod';
import { logEvent } from '../log-event.ts';
import type { Logger } from '../logger.ts';

/** One violated rule. The value that was sent is never quoted. */
export type RequestViolation = { path: string; message: string };

/** Turns anything that was thrown into the one error form. Errors that are not ours get a fixed text. */
export function answerError(logger: Logger): ErrorRequestHandler {
  return (thrown, req, res, next) => {
    const error = isHttpError(thrown) ? fromHttpError(thrown) : toAppError(thrown);
    const { http, retryable } = errorCodes[error.code];
    if (http >= 500) logEvent(logger, 'error', 'a request failed', { err: error, request_id: res.locals.requestId });
    if (res.headersSent) return next(thrown);
    // A body that was refused may still be arriving, so the connection cannot be used again.
    if (!req.complete) res.set('connection', 'close');
    if (retryable) res.set('retry-after', '1');
    if (http === 401) res.set('www-authenticate', 'Bearer');
    res.status(http).json({
      success: false,
      error: {
        code: error.code,
        message: error.message,
        ...(error.details === undefined ? {} : { details: error.details }),
      },
    });
  };
}

export function toViolations(part: string, error: ZodError): RequestViolation[] {
  return toBrokenRules(error.issues).map(({ path, message }) => ({
    path: [part, ...path].map((segment) => String(segment).slice(0, 100)).join('.'),
    message,
  }));
}

/** Express and its body reader throw an Error with the status that they would answer. */
function isHttpError(thrown: unknown): thrown is Error & { status: number } {
  const { status } = (thrown ?? {}) as { status?: unknown };
  return thrown instanceof Error && typeof status === 'number' && status >= 400 && status < 500;
}

function fromHttpError(error: Error & { status: number }): AppError {
  if (error.status === 413) return new AppError('payload_too_large', 'The body is too large');
  if (error.status === 415) return new AppError('unsupported_media_type', 'The body must not be compressed');
  return new AppError('invalid_request', 'The request could not be read');
}
