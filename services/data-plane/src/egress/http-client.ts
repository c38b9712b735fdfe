/*
 * The one door to the outside: nothing else in the data plane opens a socket to an upstream. Each request passes the
 * guard of its URL, of the DNS answer and of the connected peer, on every hop. Nothing is retried here.
 */
import http, { type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import { AppError, type HttpMethod, planLimits } from '@toolplane/contracts';
import got from 'got';
import { type Answer, receiveAnswer } from './exchange.ts';
import { createGuardedAgents, type GuardedAgents } from './guarded-agents.ts';
import { createGuardedLookup, type Resolve } from './guarded-lookup.ts';
import { ACCEPT_ENCODING, inflateBody } from './inflate.ts';
import { followRedirect } from './redirect.ts';
import { checkHeaders } from './request-headers.ts';
import { type Progress, toUpstreamError } from './upstream-error.ts';
import { checkUrl, type EgressPolicy } from './url-guard.ts';

const HEADER_BYTES_MAX = 16 * 1024;

export type UpstreamRequest = {
  url: string | URL;
  method: HttpMethod;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Left out of a HEAD request, which has none. */
  body?: string | Buffer;
  /** A redirect is an answer like any other; absent, it is followed. */
  returnsRedirects?: boolean;
  /** Of the answer; more than the client takes is never taken. */
  responseBytesMax?: number | undefined;
  /** For everything, redirects included. */
  timeoutMs: number;
  signal: AbortSignal;
};

export type UpstreamResponse = {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** A redirect changed the origin or the method: this answers another request than was made. */
  isElsewhere: boolean;
};

export type HttpClient = {
  /** Of one answer. */
  readonly responseBytesMax: number;
  /** Throws nothing but `UpstreamError`. */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  close(): void;
};

export function createHttpClient(options: {
  policy: EgressPolicy;
  responseBytesMax?: number;
  /** In place of the system's resolver. */
  resolve?: Resolve;
}): HttpClient {
  const { policy, responseBytesMax = planLimits.responseBytesMax } = options;
  const agents = createGuardedAgents(policy.addresses, createGuardedLookup(policy.addresses, options.resolve));
  const client = createLeanGot(agents);

  /** One request and its answer as they are on the wire. */
  function exchange(url: URL, hop: Hop, limits: Limits, progress: Progress): Promise<Answer> {
    const { method, headers } = hop;
    const body = method === 'HEAD' ? undefined : hop.body;
    const stream = client.stream(url, { method, headers, ...(body === undefined ? {} : { body, allowGetBody: true }) });
    // Without this the client would wait for a body to be written.
    if (body === undefined && method !== 'GET' && method !== 'HEAD') stream.end();
    return receiveAnswer(stream, { ...limits, isTls: url.protocol === 'https:' }, progress);
  }

  async function send(request: UpstreamRequest, progress: Progress): Promise<UpstreamResponse> {
    const deadline = performance.now() + request.timeoutMs;
    const bytesMax = Math.min(responseBytesMax, request.responseBytesMax ?? responseBytesMax);
    let hop: Hop = request;
    let isElsewhere = false;
    checkHeaders(hop.headers);
    for (let redirects = 0; ; redirects += 1) {
      const url = checkUrl(hop.url, policy);
      const timeoutMs = deadline - performance.now();
      const answer = await exchange(url, hop, { timeoutMs, bytesMax, signal: request.signal }, progress);
      const next = request.returnsRedirects ? undefined : followRedirect(hop, url, answer);
      if (next === undefined) {
        const body = await inflateBody(answer.body, answer.headers['content-encoding'], bytesMax);
        return { status: answer.status, headers: answer.headers, body, isElsewhere };
      }
      if (redirects === planLimits.redirectsMax) {
        throw new AppError('redirect_refused', `The upstream redirects more than ${planLimits.redirectsMax} times`);
      }
      isElsewhere ||= next.method !== hop.method || next.url.origin !== url.origin;
      hop = next;
    }
  }

  return {
    responseBytesMax,
    async send(request) {
      const progress: Progress = { isSent: false, isAnswered: false, status: undefined };
      try {
        return await send(request, progress);
      } catch (error) {
        throw toUpstreamError(error, progress);
      }
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

type Hop = Pick<UpstreamRequest, 'url' | 'method' | 'headers' | 'body'>;
type Limits = Pick<UpstreamRequest, 'timeoutMs' | 'signal'> & { bytesMax: number };

/**
 * got with everything off that costs time or repeats requests: streams instead of promises, no retries, no redirects,
 * no decompression, timeouts of our own. Its native request options have forty keys, which Node copies three times,
 * so only those in use are passed on.
 */
function createLeanGot(agents: GuardedAgents) {
  return got.extend({
    request: (url, { method, headers }) => {
      const isTls = url.protocol === 'https:';
      const open = isTls ? https.request : http.request;
      return open(url, { method, headers, agent: isTls ? agents.https : agents.http, maxHeaderSize: HEADER_BYTES_MAX });
    },
    headers: { 'user-agent': 'toolplane', 'accept-encoding': ACCEPT_ENCODING },
    decompress: false,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
  });
}
