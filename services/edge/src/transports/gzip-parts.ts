import type { ServerResponse } from 'node:http';
import { constants, crc32, deflateRaw } from 'node:zlib';

/*
 * A list has the same bytes for every client, so it is compressed once, and each answer only adds its own end: a gzip
 * member (RFC 1952) whose deflated part continues with one stored block (RFC 1951, 3.2.4). A list of a hundred tools
 * then takes a tenth of the bytes.
 */

/** Smaller texts fit into one packet uncompressed. */
export const GZIP_BYTES_MIN = 1400;

/**
 * Up to this size, Node sends the bytes as a text, in one write with the headers. A slow reader then has a separate
 * copy, so larger texts are sent as bytes that all readers share.
 */
const TEXT_BYTES_MAX = 16 * 1024;

/** The compressed beginning of a text. For a small one, `latin1` contains the same bytes as a text. */
export type GzipBeginning = { bytes: Buffer; latin1: string | undefined; crc: number; length: number };

const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);

export function gzipBeginning(text: Buffer): Promise<GzipBeginning> {
  // A flush ends on a whole byte and leaves the stream open.
  const options = { level: constants.Z_BEST_COMPRESSION, finishFlush: constants.Z_SYNC_FLUSH };
  return new Promise((resolve, reject) => {
    deflateRaw(text, options, (error, deflated) => {
      if (error !== null) return reject(error);
      const bytes = Buffer.concat([HEADER, deflated]);
      const latin1 = bytes.length <= TEXT_BYTES_MAX ? bytes.toString('latin1') : undefined;
      resolve({ bytes, latin1, crc: crc32(text), length: text.length });
    });
  });
}

/** Returns the end of the gzip member. `end` has at most 65,535 bytes, the capacity of a stored block. */
export function gzipEnd({ crc, length }: GzipBeginning, end: Buffer): Buffer {
  const block = Buffer.allocUnsafe(5 + end.length + 8);
  block[0] = 1;
  block.writeUInt16LE(end.length, 1);
  block.writeUInt16LE(end.length ^ 0xffff, 3);
  end.copy(block, 5);
  block.writeUInt32LE(crc32(end, crc), 5 + end.length);
  block.writeUInt32LE((length + end.length) >>> 0, 9 + end.length);
  return block;
}

/** Returns whether a client accepts gzip: the part of RFC 9110, 12.5.3 that concerns gzip. */
export function acceptsGzip(acceptEncoding: string | string[] | undefined): boolean {
  return (
    typeof acceptEncoding === 'string' &&
    /(?:^|[\s,])(?:x-)?gzip\s*(?:$|,|;\s*q\s*=\s*(?!0(?:\.0*)?\s*(?:$|,)))/i.test(acceptEncoding)
  );
}

export function sendGzipped(response: ServerResponse, beginning: GzipBeginning, end: Buffer): void {
  const { bytes, latin1 } = beginning;
  const rest = gzipEnd(beginning, end);
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    'content-length': bytes.length + rest.length,
  });
  if (latin1 !== undefined) return void response.end(latin1 + rest.toString('latin1'), 'latin1');
  response.write(bytes);
  response.end(rest);
}
