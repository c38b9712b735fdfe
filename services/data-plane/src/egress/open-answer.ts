import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { Request } from 'got';
import { watchConnection } from './exchange.ts';
import { cancellation } from './in-time.ts';
import { tooLarge } from './inflate.ts';
import { type Progress, toUpstreamError } from './upstream-error.ts';

/** An answer whose body still comes. Whoever opened it reads it to its end or closes it. */
export type OpenAnswer = {
  status: number;
  headers: IncomingHttpHeaders;
  /** Can be read once. Throws nothing but `UpstreamError`; whoever stops reading closes the socket. */
  body: AsyncGenerator<Buffer, void>;
  /** When nothing more can come. */
  ended: Promise<void>;
  close(): void;
};

/** Waits for the head of an answer only. The limits hold to the end of the body. */
export function openAnswer(
  stream: Request,
  limits: { timeoutMs: number; signal: AbortSignal; bytesMax: number; isTls: boolean },
  progress: Progress,
): Promise<OpenAnswer> {
  const { timeoutMs, signal, bytesMax } = limits;
  const head = Promise.withResolvers<OpenAnswer>();
  const ended = Promise.withResolvers<void>();
  let failure: AppError | undefined;

  const timer = setTimeout(
    () => fail(new AppError('upstream_timeout', 'The upstream did not answer in time')),
    timeoutMs,
  );
  const watch = watchConnection(limits.isTls, progress, fail);
  const onAbort = () => fail(cancellation(signal));
  function end(): void {
    clearTimeout(timer);
    watch.stop();
    signal.removeEventListener('abort', onAbort);
    stream.destroy();
    ended.resolve();
  }
  function fail(error: unknown): void {
    failure ??= toUpstreamError(error, progress);
    end();
    head.reject(failure);
  }

  async function* read(): AsyncGenerator<Buffer, void> {
    let size = 0;
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > bytesMax) throw tooLarge(bytesMax);
        yield chunk;
      }
      // Closing ends the loop as well.
      if (failure !== undefined) throw failure;
      progress.isAnswered = true;
    } catch (thrown) {
      failure ??= toUpstreamError(thrown, progress);
      throw failure;
    } finally {
      end();
    }
  }

  stream.on('error', fail);
  stream.once('request', watch.start);
  stream.once('upgrade', () => fail(new AppError('upstream_bad_response', 'The upstream asks to change protocols')));
  stream.once('response', (response: IncomingMessage) => {
    progress.status = response.statusCode;
    const { statusCode: status = 0, headers } = response;
    if (!isPlain(headers['content-encoding'])) {
      fail(new AppError('upstream_bad_response', 'The answer has a content encoding that was not asked for'));
      return;
    }
    head.resolve({ status, headers, body: read(), ended: ended.promise, close: () => fail(cancellation(signal)) });
  });
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  return head.promise;
}

function isPlain(encoding: string | undefined): boolean {
  return encoding === undefined || encoding.trim() === '' || encoding.trim().toLowerCase() === 'identity';
}
