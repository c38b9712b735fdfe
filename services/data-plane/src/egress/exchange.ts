import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { Request } from 'got';
import { cancellation } from './in-time.ts';
import { tooLarge } from './inflate.ts';
import { type Progress, toUpstreamError } from './upstream-error.ts';

const CONNECT_MS_MAX = 5000;

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/**
 * Waits for the whole answer to one request, as it is on the wire. The limit of time is absolute: it also ends an
 * answer that drips. Whatever ends the wait also closes the socket.
 */
export function receiveAnswer(
  stream: Request,
  limits: { timeoutMs: number; signal: AbortSignal; bytesMax: number; isTls: boolean },
  progress: Progress,
): Promise<Answer> {
  const { timeoutMs, signal, bytesMax } = limits;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let response: IncomingMessage | undefined;

    const timer = setTimeout(
      () => fail(new AppError('upstream_timeout', 'The upstream did not answer in time')),
      timeoutMs,
    );
    const watch = watchConnection(limits.isTls, progress, fail);
    const onAbort = () => fail(cancellation(signal));
    const settle = () => {
      clearTimeout(timer);
      watch.stop();
      signal.removeEventListener('abort', onAbort);
    };
    function fail(error: unknown): void {
      settle();
      stream.destroy();
      reject(toUpstreamError(error, progress));
    }

    stream.on('error', fail);
    stream.once('request', watch.start);
    stream.once('upgrade', () => fail(new AppError('upstream_bad_response', 'The upstream asks to change protocols')));
    stream.once('response', (head: IncomingMessage) => {
      response = head;
      progress.status = head.statusCode;
    });
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= bytesMax) return;
      progress.isAnswered = true;
      fail(tooLarge(bytesMax));
    });
    stream.once('end', () => {
      settle();
      progress.isAnswered = true;
      const [body = Buffer.alloc(0)] = chunks.length === 1 ? chunks : [Buffer.concat(chunks)];
      resolve({ status: response?.statusCode ?? 0, headers: response?.headers ?? {}, body });
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

function tooSlow(): AppError {
  return new AppError('upstream_unreachable', 'The upstream did not accept the connection in time');
}

/**
 * A request counts as sent from the moment its socket is connected (secured, for TLS). The client's own events cannot
 * tell: `finish` and `uploadProgress` fire while the socket is still connecting.
 */
export function watchConnection(isTls: boolean, progress: Progress, fail: (error: unknown) => void) {
  let timer: NodeJS.Timeout | undefined;
  const onReady = () => {
    clearTimeout(timer);
    progress.isSent = true;
    progress.isAnswered = false;
    progress.status = undefined;
  };
  return {
    start(request: ClientRequest) {
      request.once('socket', (socket) => {
        if (!socket.connecting) return onReady();
        timer = setTimeout(() => fail(tooSlow()), CONNECT_MS_MAX);
        socket.once('connect', () => {
          // The guard has closed it in this same turn, before anything was written.
          if (socket.destroyed) return fail(socket.errored);
          if (!isTls) onReady();
        });
        if (isTls) socket.once('secureConnect', onReady);
      });
    },
    stop: () => clearTimeout(timer),
  };
}
