import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { MessageError } from './parse-message.ts';

/** Arguments are small by nature; what is larger belongs behind a URL that a workflow fetches. */
const bodyBytesMax = 1024 * 1024;

/** Reads a request body as text, refusing what is too large before it is held and what is compressed at all. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const { 'content-type': type, 'content-encoding': encoding, 'content-length': length } = request.headers;
  if (!isJson(type)) throw new AppError('unsupported_media_type', 'Content-Type must be application/json');
  if (encoding !== undefined && encoding !== 'identity') {
    throw new AppError('unsupported_media_type', 'Content-Encoding is not supported');
  }
  if (Number(length) > bodyBytesMax) throw tooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Not destroyed when it is refused: the answer goes out on the same connection.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
  // What Node would put in the place of broken bytes is not what was sent.
  if (!isUtf8(body)) throw new MessageError(-32700, 'Parse error: the body is not valid UTF-8');
  return body.toString('utf8');
}

function isJson(type: string | undefined): boolean {
  return type === 'application/json' || /^application\/json\s*(?:;|$)/i.test(type ?? '');
}

function tooLarge(): AppError {
  return new AppError('payload_too_large', `The request body is over ${bodyBytesMax} bytes`);
}
