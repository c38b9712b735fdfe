import type { ServerResponse } from 'node:http';
import { constants, crc32, deflateRaw } from 'node:zlib';

/*
 * A list is the same bytes for every client, so it is compressed once, and each answer only adds its end: a member of
 * gzip (RFC 1952) whose deflated part goes on with one stored block (RFC 1951, 3.2.4). A list of a
 * hundred tools has a tenth of the bytes then.
 */

/** Smaller texts fit into one packet as they are. */
export const GZIP_BYTES_MIN = 1400;

/** The beginning of a text, compressed: bytes as a text of latin1, which Node sends with the headers in one write. */
export type GzipBeginning = { latin1: string; crc: number; length: number };

const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

export function gzipBeginning(text: Buffer): Promise<GzipBeginning> {
  // A flush ends on a whole byte and leaves the stream open.
  const options = { level: constants.Z_BEST_COMPRESSION, finishFlush: constants.Z_SYNC_FLUSH };
  return new Promise((resolve, reject) => {
    deflateRaw(text, options, (error, deflated) => {
      if (error !== null) return reject(error);
      resolve({ latin1: Buffer.concat([HEADER, deflated]).toString('latin1'), crc: crc32(text), length: text.length });
    });
  });
}

/** The whole, as a text of latin1. `end` has at most 65,535 bytes, which is what a stored block can hold. */
export function gzipWhole({ latin1, crc, length }: GzipBeginning, end: Buffer): string {
  const block = Buffer.allocUnsafe(5 + end.length + 8);
  block[0] = 1;
  block.writeUInt16LE(end.length, 1);
  block.writeUInt16LE(end.length ^ 0xffff, 3);
  end.copy(block, 5);
  block.writeUInt32LE(crc32(end, crc), 5 + end.length);
  block.writeUInt32LE((length + end.length) >>> 0, 9 + end.length);
  return latin1 + block.toString('latin1');
}

/** RFC 9110, 12.5.3, as far as it concerns gzip. */
export function takesGzip(acceptEncoding: string | string[] | undefined): boolean {
  return (
    typeof acceptEncoding === 'string' &&
    /(?:^|[\s,])(?:x-)?gzip\s*(?:$|,|;\s*q\s*=\s*(?!0(?:\.0*)?\s*(?:$|,)))/i.test(acceptEncoding)
  );
}

export function sendGzipped(response: ServerResponse, beginning: GzipBeginning, end: Buffer): void {
  const whole = gzipWhole(beginning, end);
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'content-length': whole.length,
  });
  response.end(whole, 'latin1');
}
