import type { IncomingMessage, ServerResponse } from 'node:http';
import { preparedHead, preparedTail, RESULT_HEAD } from '../protocol/rpc-text.ts';
import { sendJson, sendJsonParts } from './answers.ts';
import { acceptsGzip, GZIP_BYTES_MIN, type GzipBeginning, gzipBeginning, sendGzipped } from './gzip-parts.ts';

/** The compressed beginning of each result; undefined while it is being created. */
const beginnings = new WeakMap<Buffer, GzipBeginning | undefined>();

/**
 * Sends a result that is ready as bytes, with the brace that closes the answer. It is compressed if the client accepts
 * that.
 */
export function sendPrepared(
  request: IncomingMessage,
  response: ServerResponse,
  id: string | number,
  result: Buffer,
): void {
  // A text is sent in one write with its headers.
  if (result.length < GZIP_BYTES_MIN) return void sendJson(response, 200, preparedHead(id) + result.toString());
  const beginning = acceptsGzip(request.headers['accept-encoding']) ? beginningOf(result) : undefined;
  if (beginning === undefined) sendJsonParts(response, preparedHead(id), result);
  else sendGzipped(response, beginning, Buffer.from(preparedTail(id)));
}

/**
 * Returns the compressed beginning of a result, if it is ready. Compressing the lists of a large server takes longer
 * than an answer may be delayed, so the first answers are sent uncompressed.
 */
function beginningOf(result: Buffer): GzipBeginning | undefined {
  if (!beginnings.has(result)) {
    beginnings.set(result, undefined);
    const text = Buffer.concat([Buffer.from(RESULT_HEAD), result.subarray(0, -1)]);
    void gzipBeginning(text).then(
      (made) => beginnings.set(result, made),
      () => beginnings.delete(result),
    );
  }
  return beginnings.get(result);
}
