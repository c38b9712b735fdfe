import { AsyncLocalStorage } from 'node:async_hooks';
import { gunzipSync } from 'node:zlib';
import { AppError, clientDocumentLimits, type ErrorCode, fetchedDocumentSchema } from '@toolplane/contracts';
import { LRUCache } from 'lru-cache';
import { type Commands, toDefaultPool } from '../platform/commands/commands.ts';
import { createAddressLimit } from '../platform/principals/address-limit.ts';
import { toOwnMetadata } from './client-metadata.ts';

/**
 * Limits of concurrent fetches. Anybody can start a fetch without signing in, and each fetch is a command that delays
 * other commands.
 */
const FETCHES_AT_ONCE = 10;
const WORKSPACE_FETCHES_AT_ONCE = 5;
const ORIGIN_FETCHES_AT_ONCE = 2;
/** The limit per address for all documents together, both those of clients and those with their keys. */
const FETCHES_PER_MINUTE = 30;
/**
 * How long a failure is cached: long enough that a broken client costs little, and short enough that nobody waits long
 * for a repaired one.
 */
const FAILURE_MS = 30_000;
const FAILURES_MAX = 1000;

/** Failures that the host of the document or the egress rules cause; other failures say nothing about the document. */
const CAUSED_THERE: ReadonlySet<ErrorCode> = new Set([
  'egress_denied',
  'response_too_large',
  'upstream_bad_response',
  'upstream_timeout',
  'upstream_unreachable',
]);

/**
 * Identifies the request for which a document is fetched: the workspace of the requested server, and the address of the
 * client.
 */
export type DocumentRequester = { workspaceId: string; address: string };

export type ClientDocuments = {
  /** Returns a response of the Fetch standard. Throws if there is no document under exactly this URL. */
  fetch(url: string, signal?: AbortSignal): Promise<Response>;
  /** Sets the asker of everything that `run` fetches. */
  within<Result>(asker: DocumentRequester, run: () => Promise<Result>): Promise<Result>;
};

/**
 * Fetches client metadata that is published under the URL that is the client's id. The data plane fetches it, because
 * no other service may connect to the outside. The fetch counts as traffic of the workspace whose server the client
 * requests, and the egress rules of that workspace apply.
 */
export function createClientDocuments(options: {
  commands: Commands;
  /** Finds the asker of the current request, if `within` does not set one. */
  findAsker(): Promise<DocumentRequester | undefined>;
  now?: () => number;
}): ClientDocuments {
  const { commands, now = () => performance.now() } = options;
  const askers = new AsyncLocalStorage<DocumentRequester>();
  const ofAddress = createAddressLimit({ points: FETCHES_PER_MINUTE });
  const failures = new LRUCache<string, AppError>({
    max: FAILURES_MAX,
    ttl: FAILURE_MS,
    perf: { now },
    ttlResolution: 0,
  });
  const underWay = new Set<{ workspaceId: string; origin: string }>();

  function isBusy(workspaceId: string, origin: string): boolean {
    const fetches = [...underWay];
    return (
      fetches.length >= FETCHES_AT_ONCE ||
      fetches.filter((it) => it.workspaceId === workspaceId).length >= WORKSPACE_FETCHES_AT_ONCE ||
      fetches.filter((it) => it.origin === origin).length >= ORIGIN_FETCHES_AT_ONCE
    );
  }

  async function fetchText({ workspaceId, address }: DocumentRequester, url: string): Promise<string> {
    const { origin } = new URL(url);
    if (!(await ofAddress.take(address)) || isBusy(workspaceId, origin)) {
      throw new AppError('rate_limited', 'Too many client documents are being fetched right now');
    }
    const fetching = { workspaceId, origin };
    underWay.add(fetching);
    try {
      const command = { command: 'fetch_document', url, refusesRedirects: true } as const;
      const { gzipped } = fetchedDocumentSchema.parse(await commands.send(toDefaultPool(workspaceId), command));
      const limits = { maxOutputLength: clientDocumentLimits.bytesMax };
      return gunzipSync(Buffer.from(gzipped, 'base64'), limits).toString();
    } finally {
      underWay.delete(fetching);
    }
  }

  return {
    async fetch(url, signal) {
      const asker = askers.getStore() ?? (await options.findAsker());
      if (asker === undefined) throw new AppError('not_found', 'The client metadata does not name a server');
      const of = `${asker.workspaceId} ${url}`;
      const failure = failures.get(of);
      if (failure !== undefined) throw failure;
      const fetched = fetchText(asker, url).catch((error: unknown) => {
        if (error instanceof AppError && CAUSED_THERE.has(error.code)) failures.set(of, error);
        throw error;
      });
      const text = await orAborted(fetched, signal);
      return new Response(toOwnMetadata(text), { headers: { 'content-type': 'application/json' } });
    },
    within: (asker, run) => askers.run(asker, run),
  };
}

/** Rejects when the signal aborts. The work continues, and if it fails, its failure is still cached. */
async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
