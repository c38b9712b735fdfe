import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { cancellation } from './in-time.ts';
import { tooLarge } from './inflate.ts';
import { type Progress, toUpstreamError } from './upstream-error.ts';
import { type RequestLimits, watchRequest } from './watch-request.ts';

/** A response whose body is still arriving. The caller that opened it must read it to its end or close it. */
export type OpenAnswer = {
  status: number;
  headers: IncomingHttpHeaders;
  /** Can be read only once. Throws only `UpstreamError`; stopping early closes the socket. */
  body: AsyncGenerator<Buffer, void>;
  /** Resolves when nothing more can arrive. */
  ended: Promise<void>;
  close(): void;
};

/** Waits only for the head of a response. The limits apply until the end of the body. */
export function openAnswer(request: ClientRequest, limits: RequestLimits, progress: Progress): Promise<OpenAnswer> {
  const { signal, bytesMax } = limits;
  const head = Promise.withResolvers<OpenAnswer>();
  const ended = Promise.withResolvers<void>();
  let failure: AppError | undefined;

  const watch = watchRequest(request, limits, progress, fail);
  function end(): void {
    watch.stop();
    ended.resolve();
  }
  function fail(error: unknown): void {
    failure ??= toUpstreamError(error, progress);
    end();
    head.reject(failure);
  }

  async function* read(response: IncomingMessage): AsyncGenerator<Buffer, void> {
    let size = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        size += chunk.length;
        if (size > bytesMax) throw tooLarge(bytesMax);
        yield chunk;
      }
      // `close` ends the loop as well.
      if (failure !== undefined) throw failure;
      progress.isAnswered = true;
    } catch (thrown) {
      failure ??= toUpstreamError(thrown, progress);
      throw failure;
    } finally {
      end();
    }
  }

  request.once('response', (response) => {
    const { statusCode: status = 0, headers } = response;
    progress.status = status;
    response.on('error', fail);
    if (!isPlain(headers['content-encoding'])) {
      fail(new AppError('upstream_bad_response', 'The answer has a content encoding that was not requested'));
      return;
    }
    head.resolve({
      status,
      headers,
      body: read(response),
      ended: ended.promise,
      close: () => fail(cancellation(signal)),
    });
  });
  if (signal.aborted) fail(cancellation(signal));
  return head.promise;
}

function isPlain(encoding: string | undefined): boolean {
  return encoding === undefined || encoding.trim() === '' || encoding.trim().toLowerCase() === 'identity';
}
