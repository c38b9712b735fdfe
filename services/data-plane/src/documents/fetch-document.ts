import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { AppError, clientDocumentLimits, type FetchedDocument, sourceLimits } from '@toolplane/contracts';
import { createSemaphore } from '@toolplane/service-kit';
import type { HttpClient, UpstreamResponse } from '../egress/http-client.ts';

/** The maximum number of concurrent fetches. Each holds a whole document in memory. */
const FETCHES_MAX = 10;
/** The limit per tenant, which keeps one slow server from holding up everybody else. */
const TENANT_FETCHES_MAX = 3;
const ORIGIN_FETCHES_MAX = 2;

/** Whoever needs the document; `onWait` is called if it has to wait for a slot. */
export type Requester = { tenant: string; signal: AbortSignal; onWait(): void };

export type FetchDocument = (url: string, requester: Requester) => Promise<FetchedDocument>;

/**
 * Fetches a document that a deployed document refers to. Of the tenant's data, only the URL is sent, and the client
 * guards the request like the requests of tools. `client` must refuse responses larger than `sourceLimits.bytesMax`.
 */
export function createDocumentFetcher({
  client,
  waitMsMax = sourceLimits.waitMsMax,
}: {
  client: HttpClient;
  waitMsMax?: number;
}): FetchDocument {
  const fetches = createSemaphore({ slotsMax: FETCHES_MAX, slotsPerKeyMax: TENANT_FETCHES_MAX, toError: tooMany });
  return (url, { tenant: workspaceId, signal, onWait }) =>
    fetches.run(
      async () =>
        toDocument(await client.send({ ...request, timeoutMs: sourceLimits.fetchMsMax, workspaceId, url, signal })),
      { key: workspaceId, timeoutMs: waitMsMax, signal, onWait },
    );
}

/**
 * Fetches the metadata of an OAuth client. Anybody can make up a client and so decides what is fetched and when, so one
 * origin gets only a few of the slots, and only for a short time. `client` must serve nothing else, because its limits
 * can be reached too, and must refuse responses larger than `clientDocumentLimits.bytesMax`.
 */
export function createClientDocumentFetcher({
  client,
  fetchMsMax = clientDocumentLimits.fetchMsMax,
  waitMsMax = clientDocumentLimits.waitMsMax,
}: {
  client: HttpClient;
  fetchMsMax?: number;
  waitMsMax?: number;
}): FetchDocument {
  const fetches = createSemaphore({ slotsMax: FETCHES_MAX, slotsPerKeyMax: ORIGIN_FETCHES_MAX, toError: tooMany });
  return (url, { tenant: workspaceId, signal, onWait }) => {
    const sent = { ...request, timeoutMs: fetchMsMax, workspaceId, url, signal, returnsRedirects: true };
    const wait = { key: URL.parse(url)?.origin ?? '', timeoutMs: waitMsMax, signal, onWait };
    return fetches.run(async () => toDocument(await client.send(sent)), wait);
  };
}

function tooMany(): AppError {
  return new AppError('config_unavailable', 'Too many documents are being fetched right now');
}

const request = {
  method: 'GET',
  headers: { accept: 'application/json, application/yaml, text/*;q=0.9, */*;q=0.5' },
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
