import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '@toolplane/contracts';
import { cancellation } from './in-time.ts';
import type { Progress } from './upstream-error.ts';

const CONNECT_MS_MAX = 5000;

export type RequestLimits = { timeoutMs: number; signal: AbortSignal; bytesMax: number; isTls: boolean };

/**
 * Calls `fail` for everything that ends a request before its response is complete, except for the response itself and a
 * signal that fired before: then there is nothing to stop. The time limit is absolute: it also ends a response that
 * arrives very slowly. `stop` also closes the socket.
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
  // cannot be used: `finish` fires while the socket is still connecting.
  const onReady = (socket: Socket) => {
    // A guard closed the socket in this same event-loop turn, before anything was written.
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
      // This does not close a reusable connection, which is already detached from the request.
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
