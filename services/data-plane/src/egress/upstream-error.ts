import { STATUS_CODES } from 'node:http';
import { AppError, type ErrorCode } from '@toolplane/contracts';

/** The progress of a request. A redirect continues the progress of the request that it answers. */
export type Progress = {
  /** A connection was ready to be written to, so the upstream may have received something. */
  isSent: boolean;
  /** Everything that was sent has been answered, and the response arrived completely or up to our limits. */
  isAnswered: boolean;
  /**
   * A response redirected to another origin or to another method: the original request was handled, or is left to
   * another server.
   */
  isElsewhere: boolean;
  /** The status of the last response. */
  status: number | undefined;
};

/**
 * The reason why a request has no usable response. It is built anew from a code and a fixed text, because the errors of
 * HTTP clients quote URLs, headers and bodies; it has no cause for the same reason.
 */
export class UpstreamError extends AppError {
  readonly isSent: boolean;
  readonly isAnswered: boolean;
  readonly isElsewhere: boolean;
  readonly status: number | undefined;
  /** The delay after which a retry makes sense, if it is known. */
  readonly retryAfterMs: number | undefined;
  /** The data plane itself caused the error, so it says nothing about the upstream. */
  readonly isOurs: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    progress: Partial<Progress> & { retryAfterMs?: number | undefined; isOurs?: boolean } = {},
  ) {
    super(code, message);
    this.name = 'UpstreamError';
    this.isSent = progress.isSent ?? false;
    this.isAnswered = progress.isAnswered ?? false;
    this.isElsewhere = progress.isElsewhere ?? false;
    this.status = progress.status;
    this.retryAfterMs = progress.retryAfterMs;
    this.isOurs = progress.isOurs ?? false;
  }
}

/** Turns whatever the client, Node or a guard threw into one of our own errors, without any content of the original. */
export function toUpstreamError(thrown: unknown, progress: Progress): UpstreamError {
  const refusal = findAppError(thrown);
  if (refusal !== undefined) {
    const { retryAfterMs, isOurs = false } = refusal instanceof UpstreamError ? refusal : {};
    return new UpstreamError(refusal.code, refusal.message, { ...progress, retryAfterMs, isOurs });
  }
  const code = codeOf(thrown);
  const known = failures.find(({ pattern }) => pattern.test(code));
  if (known !== undefined) return new UpstreamError(known.code, known.message, progress);
  if (!progress.isSent) {
    if (BROKEN.test(code)) return closedEarly(progress);
    return new UpstreamError('invalid_upstream_request', 'The request could not be built', progress);
  }
  return progress.status === undefined
    ? new UpstreamError('upstream_unreachable', 'The upstream closed the connection without an answer', progress)
    : new UpstreamError('upstream_bad_response', 'The answer of the upstream was cut off', progress);
}

export function closedEarly(progress: Partial<Progress> = {}): UpstreamError {
  return new UpstreamError('upstream_unreachable', 'The upstream closed the connection before it was ready', progress);
}

const BROKEN = /^(?:ECONNRESET|ECONNABORTED|EPIPE)$/;

const failures: { pattern: RegExp; code: ErrorCode; message: string }[] = [
  {
    pattern: /^(?:ENOTFOUND|EAI_)/,
    code: 'upstream_unreachable',
    message: 'The name of the upstream does not resolve',
  },
  {
    pattern: /^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ETIMEDOUT)$/,
    code: 'upstream_unreachable',
    message: 'The upstream does not accept connections',
  },
  {
    pattern: /CERT|SELF_SIGNED|UNABLE_TO_|^ERR_TLS|^ERR_SSL|^EPROTO$/,
    code: 'upstream_unreachable',
    message: 'No secure connection to the upstream: its TLS set-up or certificate is not valid',
  },
  {
    pattern: /^HPE_HEADER_OVERFLOW$/,
    code: 'upstream_bad_response',
    message: 'The headers of the answer are too large',
  },
  { pattern: /^HPE_/, code: 'upstream_bad_response', message: 'The answer of the upstream is not valid HTTP' },
];

/** Clients wrap the errors of sockets and guards, so this follows the chain of causes. */
function findAppError(thrown: unknown): AppError | undefined {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 4; error = error.cause, depth += 1) {
    if (error instanceof AppError) return error;
  }
  return undefined;
}

function codeOf(thrown: unknown): string {
  const { code } = (thrown ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** Returns the registered name of a status (RFC 9110, 15), for messages; the upstream's own phrase is ignored. */
export function reasonPhraseOf(status: number): string | undefined {
  return STATUS_CODES[status];
}
