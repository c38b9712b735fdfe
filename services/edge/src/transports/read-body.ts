import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { MessageError } from './parse-message.ts';

/**
 * The maximum size of a body. Arguments are small by nature; larger data belongs behind a URL that a workflow fetches.
 */
const bodyBytesMax = 1024 * 1024;

/**
 * Reads a request body as text. Refuses a body that is too large before it is held in memory, and any compressed body.
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': length } = request.headers;
  if (!isJson(type)) throw new AppError('unsupported_media_type', 'Content-Type must be application/json');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new AppError('unsupported_media_type', 'Content-Encoding is not supported');
  }
  if (Number(length) > bodyBytesMax) throw tooLarge();
  // The events of a destroyed request were emitted while its caller was authenticated, so waiting for them would never
  // end.
  if (request.destroyed) throw disconnected();
  const body = await collect(request);
  // Node would replace invalid bytes with replacement characters, which the client did not send.
  if (!isUtf8(body)) throw new MessageError(-32700, 'Parse error: the body is not valid UTF-8');
  return body.toString('utf8');
}

/**
 * Uses events, and `on` where `once` would be enough, because an iterator or `once` would take longer than parsing the
 * body.
 */
function collect(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= bodyBytesMax) return void chunks.push(chunk);
      // A refused request is not destroyed, because the answer is sent on the same connection.
      request.removeAllListeners('data').pause();
      reject(tooLarge());
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on('close', () => {
      if (!request.complete) reject(disconnected());
    });
  });
}

function isJson(type: string | undefined): boolean {
  return type === 'application/json' || /^application\/json\s*(?:;|$)/i.test(type ?? '');
}

function disconnected(): AppError {
  return new AppError('cancelled', 'The client disconnected before its request was complete');
}

function tooLarge(): AppError {
  return new AppError('payload_too_large', `The request body is over ${bodyBytesMax} bytes`);
}
