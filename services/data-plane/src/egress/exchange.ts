import type { ClientRequest, IncomingHttpHeaders } from 'node:http';
import { cancellation } from './in-time.ts';
import { tooLarge } from './inflate.ts';
import { type Progress, toUpstreamError } from './upstream-error.ts';
import { type RequestLimits, watchRequest } from './watch-request.ts';

export type RawResponse = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** Waits for the whole response to one request, exactly as received. Whatever ends the wait also closes the socket. */
export function receiveResponse(
  request: ClientRequest,
  limits: RequestLimits,
  progress: Progress,
): Promise<RawResponse> {
  const { signal, bytesMax } = limits;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;

    const watch = watchRequest(request, limits, progress, fail);
    function fail(error: unknown): void {
      watch.stop();
      reject(toUpstreamError(error, progress));
    }

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
        watch.stop();
        progress.isAnswered = true;
        const [body = Buffer.alloc(0)] = chunks.length === 1 ? chunks : [Buffer.concat(chunks)];
        resolve({ status, headers, body });
      });
    });
    if (signal.aborted) fail(cancellation(signal));
  });
}
