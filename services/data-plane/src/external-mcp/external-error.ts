import {
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  SseError,
  UrlElicitationRequiredError,
} from '@modelcontextprotocol/client';
import { AppError, capabilitiesFor, isJsonObject, type Json, type JsonObject } from '@toolplane/contracts';
import { z } from 'zod';
import { UpstreamError } from '../egress/upstream-error.ts';
import { cleanText } from './clean-text.ts';

const MESSAGE_LENGTH_MAX = 500;
/**
 * The limit before a text is masked, which must come before the final cut: a part of a secret would not be recognised.
 */
const UNMASKED_LENGTH_MAX = 20_000;

const answered = { isSent: true, isAnswered: true };

/** The known facts about the request that failed: its method and its connection. */
type FailedRequest = {
  method?: string | undefined;
  era?: 'legacy' | 'modern' | undefined;
  /** The id of the last protocol request. */
  id?: string | number | undefined;
  hasSession?: boolean;
};

/** Returns whether a server has reported a missing resource. Since 2026-07-28, this error has no separate code. */
function isMiss({ code }: ProtocolError, { method, era }: FailedRequest): boolean {
  if (method !== 'resources/read') return false;
  return code === ProtocolErrorCode.ResourceNotFound || (code === ProtocolErrorCode.InvalidParams && era === 'modern');
}

/**
 * Returns the reason why a request to an external server has no result. Only the text of a protocol error comes from
 * the server.
 */
export function toExternalError(thrown: unknown, request: FailedRequest = {}): AppError {
  if (thrown instanceof UpstreamError) return thrown;
  if (thrown instanceof MissingRequiredClientCapabilityError) return capabilityMissing(thrown);
  if (thrown instanceof UrlElicitationRequiredError) return new PagesNeededError(thrown);
  // The code that ended the call gives the reason; a request that was sent before has no response.
  if (thrown instanceof AppError) return new UpstreamError(thrown.code, thrown.message, { isSent: true });
  if (thrown instanceof ProtocolError) {
    const code = isMiss(thrown, request) ? 'not_found' : 'external_server_failed';
    return new UpstreamError(code, `The external server answered with an error: ${toLine(thrown.message)}`, answered);
  }
  if (thrown instanceof SdkHttpError) {
    const error = statusError(thrown.status, findProtocolError(thrown.data['text'])?.error.message);
    return isNotAccepted(thrown.status, thrown.data['text'], request) ? new NotAcceptedError(error) : error;
  }
  if (thrown instanceof SseError && thrown.code !== undefined) return statusError(thrown.code);
  if (thrown instanceof SdkError) {
    if (thrown.code === SdkErrorCode.RequestTimeout) return tooLate();
    if (thrown.code === SdkErrorCode.EraNegotiationFailed) {
      return new UpstreamError(
        'external_server_failed',
        'The external server speaks no known version of MCP',
        answered,
      );
    }
  }
  // The server may have executed the request and be unable to report it.
  return new UpstreamError('external_server_failed', 'The answer of the external server is not valid MCP', {
    isSent: true,
  });
}

/** Thrown if a server requires that a person opens pages before it does anything. */
export class PagesNeededError extends UpstreamError {
  readonly pages: readonly JsonObject[];

  constructor({ message, elicitations }: UrlElicitationRequiredError) {
    super('external_server_failed', `The external server answered with an error: ${toLine(message)}`, answered);
    // The value has not been checked, so it may have any form, whatever its type says.
    const declared = elicitations as unknown as Json;
    this.pages = Array.isArray(declared) ? declared.filter(isJsonObject) : [];
  }
}

/**
 * Thrown if a server refused a request before it read its content, and so has done nothing: it no longer knows the
 * session, or does not support this version of the protocol.
 */
export class NotAcceptedError extends UpstreamError {
  constructor(error: UpstreamError) {
    super(error.code, error.message, error);
  }
}

/**
 * A status alone proves nothing: a gateway may run a tool and respond with the status of its result. The protocol
 * defines 404 for sessions that have ended; older servers respond with 400 and say in their own words that the session
 * does not exist. A server that does not support the version of a request responds with an error that belongs to no
 * request.
 */
function isNotAccepted(status: number, text: unknown, { id, hasSession = false }: FailedRequest): boolean {
  if (status !== 404 && status !== 400) return false;
  const body = typeof text === 'string' ? text : '';
  if (isOfRequest(body, id)) return false;
  if (hasSession) return status === 404 || NO_SESSION.test(body);
  return findProtocolError(body) !== undefined;
}

const NO_SESSION = /session.?id|(?:session (?:was )?not found)|(?:(?:no|invalid|unknown|missing)(?: \w+)? session)/i;

/** Returns whether the text is a result of this request or an error for it, whatever else it contains. */
function isOfRequest(text: string, id: FailedRequest['id']): boolean {
  try {
    const body = JSON.parse(text);
    return isJsonObject(body) && body['id'] === id;
  } catch {
    return false;
  }
}

/** Thrown if a server refused the credentials and states what it requires of a token. */
export class RefusedError extends UpstreamError {
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;

  constructor(error: UpstreamError, challenge: string) {
    super(error.code, error.message, error);
    this.challenge = challenge;
  }
}

export function withChallenge(error: AppError, challenge: string): AppError {
  const isRefusal = error instanceof UpstreamError && (error.status === 401 || error.status === 403);
  return isRefusal ? new RefusedError(error, challenge) : error;
}

/** Returns the error with the server's message masked and cut. */
export function toShownError<Thrown>(thrown: Thrown, redactText: (text: string) => string): Thrown | AppError {
  if (!(thrown instanceof AppError)) return thrown;
  const { code, message, details } = thrown;
  const { text } = cleanText(redactText(message), { lengthMax: MESSAGE_LENGTH_MAX });
  if (thrown instanceof RefusedError) return new RefusedError(new UpstreamError(code, text, thrown), thrown.challenge);
  if (thrown instanceof UpstreamError) return new UpstreamError(code, text, thrown);
  return new AppError(code, text, details === undefined ? {} : { details });
}

/** The server has done nothing: it names the capabilities that it would need first. */
function capabilityMissing({ data }: MissingRequiredClientCapabilityError): AppError {
  const { requiredCapabilities } = data as { requiredCapabilities?: object };
  const lacking = (['elicitation', 'sampling', 'roots'] as const).filter((ability) =>
    Object.hasOwn(requiredCapabilities ?? {}, ability),
  );
  if (lacking.length === 0) {
    const message = 'The external server needs a capability that is not passed on to it, such as tasks';
    return new UpstreamError('external_server_failed', message, answered);
  }
  const message = `The external server has to ask for something that this client does not support (${lacking.join(', ')})`;
  return new AppError('client_capability_missing', message, {
    details: { requiredCapabilities: capabilitiesFor(lacking) },
  });
}

/** Returns the error for a status that means that nothing was done; `why` is additional text of the response. */
export function statusError(status: number, why?: string): UpstreamError {
  const progress = { ...answered, status };
  const reason = why === undefined ? '' : `: ${why}`;
  if (status === 401 || status === 403) {
    const message = `The external server refused the credentials (status ${status})${reason}`;
    return new UpstreamError('external_server_failed', message, progress);
  }
  if (status >= 300 && status < 400) {
    return new UpstreamError('redirect_refused', 'The external server redirects to another location', progress);
  }
  const code = AWAY.has(status) ? 'external_server_unavailable' : 'external_server_failed';
  return new UpstreamError(code, `The external server answered with status ${status}${reason}`, progress);
}

const errorSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  error: z.object({ message: z.string().min(1).transform(toLine) }),
});

/**
 * Many servers also report a failed request with a status and put the reason in the body. HTML pages and other texts
 * are ignored.
 */
function findProtocolError(text: unknown): z.output<typeof errorSchema> | undefined {
  if (typeof text !== 'string' || text.length > UNMASKED_LENGTH_MAX) return undefined;
  try {
    return errorSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function toLine(text: string): string {
  return cleanText(text, { lengthMax: UNMASKED_LENGTH_MAX, isOneLine: true }).text;
}

const AWAY = new Set([429, 502, 503, 504]);

export function tooLate(): UpstreamError {
  return new UpstreamError('upstream_timeout', 'The external server did not answer in time', { isSent: true });
}
