import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AppError, type FetchedDocument, sourceLimits } from '@toolplane/contracts';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';
import { type Asker, createTurns } from './turns.ts';

/** Each of these holds a whole document. */
const FETCHES_AT_ONCE = 10;
/** Keeps one slow server from holding up everybody else. */
const TENANT_FETCHES_AT_ONCE = 3;

export type FetchDocument = (url: string, asker: Asker, limits?: FetchLimits) => Promise<FetchedDocument>;
export type FetchLimits = { refusesRedirects?: boolean | undefined; bytesMax?: number | undefined };

/**
 * Fetches a document that a deployed one refers to. Of the tenant's data, only the URL goes out, and the client guards
 * it like the requests of tools. `client` must refuse answers above `sourceLimits.bytesMax`.
 */
export function createDocumentFetcher({
  client,
  waitMsMax = sourceLimits.waitMsMax,
}: {
  client: HttpClient;
  waitMsMax?: number;
}): FetchDocument {
  const inTurn = createTurns({ atOnce: FETCHES_AT_ONCE, tenantAtOnce: TENANT_FETCHES_AT_ONCE, waitMsMax });
  return (url, asker, { refusesRedirects, bytesMax: responseBytesMax } = {}) =>
    inTurn(asker, async () => {
      const { tenant: workspaceId, signal } = asker;
      const returnsRedirects = refusesRedirects === true;
      return toDocument(
        await client.send({ ...request, workspaceId, url, signal, responseBytesMax, returnsRedirects }),
      );
    });
}

const request = {
  method: 'GET',
  headers: { accept: 'application/json, application/yaml, text/*;q=0.9, */*;q=0.5' },
  timeoutMs: sourceLimits.fetchMsMax,
} as const;

async function toDocument({ status, body }: UpstreamResponse): Promise<FetchedDocument> {
  if (status !== 200) throw new AppError('upstream_bad_response', `The server answered with status ${status}`);
  if (!isUtf8(body) || body.includes(0)) throw new AppError('upstream_bad_response', 'The document is not UTF-8 text');
  return {
    gzipped: (await gzipBytes(body)).toString('base64'),
    sha256: createHash('sha256').update(body).digest('hex'),
  };
}

const gzipBytes = promisify<Buffer, Buffer>(gzip);
