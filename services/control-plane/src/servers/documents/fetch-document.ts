import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError, type ErrorCode, fetchedDocumentSchema, sourceLimits } from '@toolplane/contracts';
import type { Commands, Destination } from '../../platform/commands/commands.ts';

/** A document, or the reason why its URL returned none. */
export type Fetched = { content: string; sha256: string } | { reason: string };

/** Rejects if the data plane does not answer, because that says nothing about the URL. */
export type FetchThroughDataPlane = (to: Destination, url: string) => Promise<Fetched>;

/** Errors that are caused by the host of the document, or by the egress rules, and not by the data plane. */
const REASONS: ReadonlySet<ErrorCode> = new Set([
  'deadline_exceeded',
  'egress_denied',
  'invalid_upstream_request',
  'redirect_refused',
  'response_too_large',
  'upstream_bad_response',
  'upstream_busy',
  'upstream_paused',
  'upstream_timeout',
  'upstream_unreachable',
]);

/** Fetches documents through the data plane, because no other service may connect to the outside. */
export function createDocumentFetcher({ commands }: { commands: Commands }): FetchThroughDataPlane {
  return async (to, url) => {
    if (url.length > sourceLimits.urlLengthMax) return { reason: 'The URL is too long' };
    try {
      const answer = await commands.send(to, { command: 'fetch_document', url });
      const { gzipped, sha256 } = fetchedDocumentSchema.parse(answer);
      const bytes = await gunzipBytes(Buffer.from(gzipped, 'base64'), { maxOutputLength: sourceLimits.bytesMax });
      return { content: bytes.toString(), sha256 };
    } catch (error) {
      if (error instanceof AppError && REASONS.has(error.code)) return { reason: error.message };
      throw error;
    }
  };
}

const gunzipBytes: (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer> = promisify(gunzip);
