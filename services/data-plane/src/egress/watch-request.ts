import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '@toolplane/contracts';
import { cancellation } from './in-time.ts';
import type { Progress } from './upstream-error.ts';

const CONNECT_MS_MAX = 5000;

export type RequestLimits = { timeoutMs: number; signal: AbortSignal; bytesMax: number; isTls: boolean };

/**
 * Calls `fail` for whatever ends a request before its answer is complete, except for the answer itself and a signal that
 * has fired before: the caller has nothing to stop then. The time limit
 * is absolute: it also ends an answer that drips. Stopping also closes the socket.
 */
export function watchRequest(
  request: ClientRequest,
  { timeoutMs, signal, isTls }: RequestLimits,
  progress: Progress,
  fail: (error: unknown) => void,
): { stop(): void } {
  const timer = setTimeout(
    () => fail(new AppError('upstream_timeout', 'The upstream did not answer in time')),
    timeoutMs,
  );
  let connectTimer: NodeJS.Timeout | undefined;
  // A request counts as sent from the moment its socket is connected (secured, for TLS). The request's own events
  // cannot tell: `finish` fires while the socket is still connecting.
  const onReady = (socket: Socket) => {
    // A guard closed it in this same turn, before anything was written.
    if (socket.destroyed) return fail(socket.errored);
    clearTimeout(connectTimer);
    progress.isSent = true;
    progress.isAnswered = false;
    progress.status = undefined;
  };
  request.once('socket', (socket) => {
    if (!socket.connecting) return onReady(socket);
    connectTimer = setTimeout(() => fail(tooSlow()), CONNECT_MS_MAX);
    socket.once(isTls ? 'secureConnect' : 'connect', () => onReady(socket));
  });
  request.on('error', fail);
  request.once('upgrade', () => fail(upgraded()));
  const onAbort = () => fail(cancellation(signal));
  signal.addEventListener('abort', onAbort);

  return {
    stop() {
      clearTimeout(timer);
      clearTimeout(connectTimer);
      signal.removeEventListener('abort', onAbort);
      // Does nothing to a reusable connection: that has left the request by now.
      request.destroy();
    },
  };
}

function upgraded(): AppError {
  return new AppError('upstream_bad_response', 'The upstream asked to switch protocols');
}

function tooSlow(): AppError {
  return new AppError('upstream_unreachable', 'The upstream did not accept the connection in time');
}
