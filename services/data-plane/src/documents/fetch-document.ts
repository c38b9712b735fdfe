import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AppError, type FetchedDocument, sourceLimits } from '@toolplane/contracts';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';

/** Each holds a whole document; what else the control plane asks must not wait behind them. */
const FETCHES_AT_ONCE = 10;

export type FetchDocument = (url: string, signal: AbortSignal) => Promise<FetchedDocument>;

/**
 * Gets a document that a deployed one refers to. Nothing of a tenant goes out but the URL, and the client guards it as
 * the requests of tools. `client` must refuse answers above `sourceLimits.bytesMax`.
 */
export function createDocumentFetcher({ client }: { client: HttpClient }): FetchDocument {
  let running = 0;

  return async (url, signal) => {
    if (running >= FETCHES_AT_ONCE) {
      throw new AppError('config_unavailable', 'Too many documents are being fetched right now');
    }
    running += 1;
    try {
      return await toDocument(await client.send({ ...request, url, signal }));
    } finally {
      running -= 1;
    }
  };
}

const request = {
  method: 'GET',
  headers: { accept: 'application/json, application/yaml, text/*;q=0.9, */*;q=0.5' },
  timeoutMs: sourceLimits.fetchMsMax,
} as const;

async function toDocument({ status, body }: UpstreamResponse): Promise<FetchedDocument> {
  if (status !== 200) throw new AppError('upstream_bad_response', `The server answered with status ${status}`);
  if (!isUtf8(body) || body.includes(0))
    throw new AppError('upstream_bad_response', 'The document is not text in UTF-8');
  return {
    gzipped: (await gzipBytes(body)).toString('base64'),
    sha256: createHash('sha256').update(body).digest('hex'),
  };
}

const gzipBytes = promisify<Buffer, Buffer>(gzip);
