/*
 * The only way out: nothing else in the data plane opens a socket to an upstream. On every hop, each request passes the
 * URL guard and the rules of its workspace, then the guards of the DNS response and of the connected peer, and uses the
 * limits of its workspace and origin. Nothing is retried here.
 */
import http, { type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Hold } from '@toolplane/bus';
import { AppError, type EgressRules, planLimits } from '@toolplane/contracts';
import { confirmHold, currentHold } from './current-call.ts';
import { type RawResponse, receiveResponse } from './exchange.ts';
import { createGuardedAgents, type OwnedOptions } from './guarded-agents.ts';
import { createGuardedResolve, type ResolveHost, resolveBySystem } from './guarded-lookup.ts';
import { isHostAllowed } from './host-rules.ts';
import { inTime } from './in-time.ts';
import { ACCEPT_ENCODING, inflateBody } from './inflate.ts';
import { type OpenAnswer, openAnswer } from './open-answer.ts';
import { createOriginLimits } from './origin-limits.ts';
import { createTunnels, type EgressProxy } from './proxy-tunnel.ts';
import { checkRedirect, followRedirect } from './redirect.ts';
import { checkHeaders } from './request-headers.ts';
import { type Progress, toUpstreamError, UpstreamError } from './upstream-error.ts';
import { countUpstream } from './upstream-metrics.ts';
import type { UpstreamRequest } from './upstream-request.ts';
import { checkUrl, type EgressPolicy, refuseInternalName } from './url-guard.ts';

export type { RequestPosition, UpstreamRequest } from './upstream-request.ts';

const HEADER_BYTES_MAX = 16 * 1024;
/** The default headers, which a request may override. */
const HEADERS = { 'user-agent': 'toolplane', 'accept-encoding': ACCEPT_ENCODING };

/** `responseBytesMax` limits the whole body, and may be higher than `send` allows. */
export type OpenRequest = Omit<UpstreamRequest, 'returnsRedirects' | 'redirectHosts' | 'onRedirect'> & {
  responseBytesMax: number;
  /**
   * Responses that are held open for hours have limits of their own, separate from other requests to the upstream. So do
   * requests with answers that the upstream is waiting for before it can complete a request that is in progress.
   */
  ownLimits?: 'held open' | 'answers' | undefined;
};

export type UpstreamResponse = {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /**
   * True if a redirect changed the origin or the method: then this is the response to a request other than the original
   * one.
   */
  isElsewhere: boolean;
};

export type HttpClient = {
  /** The size limit of one response. */
  readonly responseBytesMax: number;
  /** Throws only `UpstreamError`. */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /**
   * Returns the response as it arrives, for upstreams that keep sending. Such a response is never redirected and never
   * compressed. It occupies its slot until its body has ended. Throws only `UpstreamError`.
   */
  open(request: OpenRequest): Promise<OpenAnswer>;
  /** The number of workspaces and origins whose requests are paused at the moment because the upstream failed. */
  pausedCount(): number;
  close(): void;
};

export type HttpClientOptions = {
  policy: EgressPolicy;
  /**
   * Throws if the rules cannot be determined: without rules, nothing is sent. Returns the same object until the rules
   * change.
   */
  rulesOf(workspaceId: string): Promise<EgressRules> | EgressRules;
  responseBytesMax?: number;
  /** The maximum number of concurrent requests of one workspace to one origin. */
  requestsPerOriginMax?: number;
  /** Used instead of the system's resolver. */
  resolve?: ResolveHost | undefined;
  proxy?: EgressProxy | undefined;
  /** Returns milliseconds of any clock that never goes back. */
  now?: () => number;
};

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { policy, rulesOf, responseBytesMax = planLimits.responseBytesMax, proxy } = options;
  const { addresses } = policy;
  const agents = createGuardedAgents({
    addresses,
    resolve: proxy?.resolvesNames
      ? refuseInternalName
      : createGuardedResolve(addresses, options.resolve ?? resolveBySystem),
    tunnel: proxy === undefined ? undefined : createTunnels(proxy.url),
  });
  const originLimits = createOriginLimits(options.now ?? (() => performance.now()), options.requestsPerOriginMax);

  /**
   * Uses Node's own request directly: it follows no redirects, repeats nothing, inflates nothing and keeps no cookies.
   * Every request goes through here.
   */
  function start(url: URL, owner: string, { method, headers, body: given }: Hop): ClientRequest {
    const isTls = url.protocol === 'https:';
    // A buffer, because Node would write the headers in the encoding of a string.
    const body = typeof given === 'string' ? Buffer.from(given) : given;
    const hasBody = body !== undefined && method !== 'HEAD';
    const options: OwnedOptions = {
      method,
      owner,
      // Without a length, Node would send the body of a GET or DELETE as if it were the next request.
      headers: { ...HEADERS, ...headers, ...(hasBody ? { 'content-length': body.length } : {}) },
      agent: isTls ? agents.https : agents.http,
      maxHeaderSize: HEADER_BYTES_MAX,
    };
    const request = (isTls ? https : http).request(url, options);
    const hold = currentHold();
    if (hold !== undefined) request.once('socket', (socket) => refuseLateConnection(socket, hold, isTls));
    return request.end(hasBody ? body : undefined);
  }

  /** Sends one request and returns the response exactly as received. */
  async function exchange(url: URL, hop: Hop, { owner, ...limits }: Limits, progress: Progress): Promise<RawResponse> {
    const confirming = confirmHold(limits);
    if (confirming !== undefined) await confirming;
    return receiveResponse(start(url, owner, hop), { ...limits, isTls: url.protocol === 'https:' }, progress);
  }

  async function getRules(
    request: Pick<UpstreamRequest, 'workspaceId' | 'timeoutMs' | 'signal'>,
  ): Promise<EgressRules> {
    const found = rulesOf(request.workspaceId);
    return found instanceof Promise ? inTime(found, request) : found;
  }

  /** Checks the URL guard, and whether the host is allowed by the rules of the data plane and the workspace. */
  function check(text: string | URL, rules: EgressRules): URL {
    const url = checkUrl(text, policy);
    if (policy.hosts !== undefined && !isHostAllowed(policy.hosts, url)) throw hostDenied('data plane');
    if (!isHostAllowed(rules, url)) throw hostDenied('workspace');
    return url;
  }

  async function send(request: UpstreamRequest, progress: Progress): Promise<UpstreamResponse> {
    const deadline = performance.now() + request.timeoutMs;
    const bytesMax = Math.min(responseBytesMax, request.responseBytesMax ?? responseBytesMax);
    let hop: Hop = request;
    checkHeaders(hop.headers);
    const rules = await getRules(request);
    for (let redirects = 0; ; redirects += 1) {
      const url = check(hop.url, rules);
      if (request.refusedOrigins?.has(url.origin)) throw replacedOrigin();
      const { signal, workspaceId } = request;
      const limits = { timeoutMs: deadline - performance.now(), signal };
      const answer = await originLimits.run(`${workspaceId} ${url.origin}`, limits, (timeoutMs) =>
        exchange(url, hop, { owner: workspaceId, timeoutMs, bytesMax, signal }, progress),
      );
      const next = request.returnsRedirects ? undefined : followRedirect(hop, url, answer);
      if (next === undefined) {
        const body = await inflateBody(answer.body, answer.headers['content-encoding'], bytesMax);
        return { status: answer.status, headers: answer.headers, body, isElsewhere: progress.isElsewhere };
      }
      if (redirects === planLimits.redirectsMax) {
        throw new AppError('redirect_refused', `The upstream redirects more than ${planLimits.redirectsMax} times`);
      }
      checkRedirect(request.redirectHosts, url, next.url);
      progress.isElsewhere ||= next.method !== hop.method || next.url.origin !== url.origin;
      request.onRedirect?.();
      hop = next;
    }
  }

  async function open(request: OpenRequest, progress: Progress): Promise<OpenAnswer> {
    const deadline = performance.now() + request.timeoutMs;
    const { workspaceId, signal, responseBytesMax: bytesMax } = request;
    const headers = { ...request.headers, 'accept-encoding': 'identity' };
    checkHeaders(headers);
    const url = check(request.url, await getRules(request));
    const key = `${workspaceId} ${url.origin}${request.ownLimits === undefined ? '' : ` ${request.ownLimits}`}`;
    const limits = { timeoutMs: deadline - performance.now(), signal };
    return originLimits.run(key, limits, async (timeoutMs) => {
      const confirming = confirmHold({ timeoutMs, signal });
      if (confirming !== undefined) await confirming;
      return openAnswer(
        start(url, workspaceId, { ...request, headers }),
        { timeoutMs, bytesMax, signal, isTls: url.protocol === 'https:' },
        progress,
      );
    });
  }

  return {
    responseBytesMax,
    send: (request) => countUpstream(asUpstreamError((progress) => send(request, progress))),
    open: (request) => countUpstream(asUpstreamError((progress) => open(request, progress))),
    pausedCount: originLimits.pausedCount,
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

async function asUpstreamError<Result>(work: (progress: Progress) => Promise<Result>): Promise<Result> {
  const progress: Progress = { isSent: false, isAnswered: false, isElsewhere: false, status: undefined };
  try {
    return await work(progress);
  } catch (error) {
    throw toUpstreamError(error, progress);
  }
}

function hostDenied(owner: 'data plane' | 'workspace'): UpstreamError {
  return new UpstreamError('egress_denied', `Requests to this host are not allowed by the rules of the ${owner}`);
}

/**
 * The process may have been suspended since the call was confirmed, for example while it connected. Nothing has been
 * sent by then, because writing waits for the same events.
 */
function refuseLateConnection(socket: Socket, hold: Hold, isTls: boolean): void {
  function refuse(): void {
    if (hold.isStillOwner()) return;
    const message = 'The data plane stood still before it was connected; nothing was sent';
    socket.destroy(new UpstreamError('upstream_unreachable', message, { isOurs: true }));
  }
  if (socket.connecting) socket.once(isTls ? 'secureConnect' : 'connect', refuse);
  else refuse();
}

function replacedOrigin(): UpstreamError {
  const message = 'The environment of the debug session replaces this host with another one';
  return new UpstreamError('egress_denied', message);
}

type Hop = Pick<UpstreamRequest, 'url' | 'method' | 'headers' | 'body'>;
type Limits = Pick<UpstreamRequest, 'timeoutMs' | 'signal'> & { owner: string; bytesMax: number };
