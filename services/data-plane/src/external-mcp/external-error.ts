import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, SseError } from '@modelcontextprotocol/client';
import { AppError } from '@toolplane/contracts';
import { UpstreamError } from '../egress/upstream-error.ts';
import { cleanText } from './clean-text.ts';

const MESSAGE_LENGTH_MAX = 500;

const answered = { isSent: true, isAnswered: true };

/** Why a request to an external server has no result. The text of a protocol error is the only one that is its own. */
export function toExternalError(thrown: unknown): UpstreamError {
  if (thrown instanceof UpstreamError) return thrown;
  // Whoever ends a call says why; what was sent by then is not answered.
  if (thrown instanceof AppError) return new UpstreamError(thrown.code, thrown.message, { isSent: true });
  if (thrown instanceof ProtocolError) {
    const { text } = cleanText(thrown.message, { lengthMax: MESSAGE_LENGTH_MAX, isOneLine: true });
    return new UpstreamError('external_server_failed', `The external server answered with an error: ${text}`, answered);
  }
  if (thrown instanceof SdkHttpError) return statusError(thrown.status);
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
  // It may have done what was asked, and cannot say so.
  return new UpstreamError('external_server_failed', 'What the external server answered is no MCP', { isSent: true });
}

/** Of an answer that says with its status that nothing was done. */
export function statusError(status: number): UpstreamError {
  const progress = { ...answered, status };
  if (status === 401 || status === 403) {
    const message = `The external server refused the credentials (status ${status})`;
    return new UpstreamError('external_server_failed', message, progress);
  }
  if (status >= 300 && status < 400) {
    return new UpstreamError('redirect_refused', 'The external server redirects to another place', progress);
  }
  const code = AWAY.has(status) ? 'external_server_unavailable' : 'external_server_failed';
  return new UpstreamError(code, `The external server answered with status ${status}`, progress);
}

const AWAY = new Set([429, 502, 503, 504]);

export function tooLate(): UpstreamError {
  return new UpstreamError('upstream_timeout', 'The external server did not answer in time', { isSent: true });
}
