import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { AppError } from '@toolplane/contracts';

type Inflate = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const gunzipBody: Inflate = promisify(gunzip);
const inflateZlib: Inflate = promisify(inflate);
const inflateWithoutHeader: Inflate = promisify(inflateRaw);

/** Servers send both formats under the name `deflate`; in the one with a header, the first byte has method 8. */
const inflateEither: Inflate = (body, options) =>
  ((body[0] ?? 0) & 0x0f) === 8 ? inflateZlib(body, options) : inflateWithoutHeader(body, options);

const inflaters = new Map<string, Inflate>([
  ['gzip', gunzipBody],
  ['x-gzip', gunzipBody],
  ['br', promisify(brotliDecompress)],
  ['deflate', inflateEither],
]);

/** The encodings that every request offers to the upstream. */
export const ACCEPT_ENCODING = 'gzip, deflate, br';

/**
 * Limits the output while inflating, so a small compressed bomb cannot grow. At most one encoding is accepted: nested
 * ones multiply.
 */
export async function inflateBody(body: Buffer, encoding: string | undefined, bytesMax: number): Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity' || body.length === 0) return body;
  const inflateWith = inflaters.get(name);
  if (inflateWith === undefined) {
    throw new AppError('upstream_bad_response', 'The answer has a content encoding that was not requested');
  }
  try {
    return await inflateWith(body, { maxOutputLength: bytesMax });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(bytesMax);
    throw new AppError('upstream_bad_response', 'The answer does not match its content encoding');
  }
}

export function tooLarge(bytesMax: number): AppError {
  return new AppError('response_too_large', `The answer of the upstream has more than ${bytesMax} bytes`);
}
