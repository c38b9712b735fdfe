import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { cancellation } from './in-time.ts';
import { tooLarge } from './inflate.ts';
import { type Progress, toUpstreamError } from './upstream-error.ts';

const CONNECT_MS_MAX = 5000;

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/**
 * Waits for the whole answer to one request, as it is on the wire. The time limit is absolute: it also ends an answer
 * that drips. Whatever ends the wait also closes the socket.
 */
export function receiveAnswer(
  request: ClientRequest,
  limits: { timeoutMs: number; signal: AbortSignal; bytesMax: number; isTls: boolean },
  progress: Progress,
): Promise<Answer> {
  const { timeoutMs, signal, bytesMax } = limits;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;

    const timer = setTimeout(
      () => fail(new AppError('upstream_timeout', 'The upstream did not answer in time')),
      timeoutMs,
    );
    const watch = watchConnection(request, limits.isTls, progress, fail);
    const onAbort = () => fail(cancellation(signal));
    function settle(): void {
      clearTimeout(timer);
      watch.stop();
      signal.removeEventListener('abort', onAbort);
      // Does nothing to a reusable connection: that has left the request by now.
      request.destroy();
    }
    function fail(error: unknown): void {
      settle();
      reject(toUpstreamError(error, progress));
    }

    request.on('error', fail);
    request.once('upgrade', () => fail(upgraded()));
    request.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      progress.status = status;
      response.on('error', fail);
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= bytesMax) return;
        progress.isAnswered = true;
        fail(tooLarge(bytesMax));
      });
      response.once('end', () => {
        settle();
        progress.isAnswered = true;
        const [body = Buffer.alloc(0)] = chunks.length === 1 ? chunks : [Buffer.concat(chunks)];
        resolve({ status, headers, body });
      });
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

export function upgraded(): AppError {
  return new AppError('upstream_bad_response', 'The upstream asked to switch protocols');
}

function tooSlow(): AppError {
  return new AppError('upstream_unreachable', 'The upstream did not accept the connection in time');
}

/**
 * A request counts as sent from the moment its socket is connected (secured, for TLS). The request's own events cannot
 * tell: `finish` fires while the socket is still connecting.
 */
export function watchConnection(
  request: ClientRequest,
  isTls: boolean,
  progress: Progress,
  fail: (error: unknown) => void,
): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const onReady = () => {
    clearTimeout(timer);
    progress.isSent = true;
    progress.isAnswered = false;
    progress.status = undefined;
  };
  request.once('socket', (socket) => {
    if (!socket.connecting) return onReady();
    timer = setTimeout(() => fail(tooSlow()), CONNECT_MS_MAX);
    socket.once('connect', () => {
      // The guard closed it in this same turn, before anything was written.
      if (socket.destroyed) return fail(socket.errored);
      if (!isTls) onReady();
    });
    if (isTls) socket.once('secureConnect', onReady);
  });
  return { stop: () => clearTimeout(timer) };
}
