/*
 * The only way out: nothing else in the data plane opens a socket to an upstream. On every hop, each request passes the
 * guard of its URL and the rules of its workspace, then the guards of the DNS answer and of the connected peer, and
 * uses the lane of its workspace and origin. Nothing is retried here.
 */
import http, { type ClientRequest, type IncomingHttpHeaders } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Hold } from '@toolplane/bus';
import { AppError, type EgressRules, type HttpMethod, planLimits } from '@toolplane/contracts';
import { confirmHold, currentHold } from './current-call.ts';
import { type Answer, receiveAnswer } from './exchange.ts';
import { createGuardedAgents, type OwnedOptions } from './guarded-agents.ts';
import { createGuardedResolve, type Resolve, resolveBySystem } from './guarded-lookup.ts';
import { isHostAllowed } from './host-rules.ts';
import { inTime } from './in-time.ts';
import { ACCEPT_ENCODING, inflateBody } from './inflate.ts';
import { createLanes } from './lanes.ts';
import { type OpenAnswer, openAnswer } from './open-answer.ts';
import { createTunnels, type EgressProxy } from './proxy-tunnel.ts';
import { checkRedirect, followRedirect } from './redirect.ts';
import { checkHeaders } from './request-headers.ts';
import { type Progress, toUpstreamError, UpstreamError } from './upstream-error.ts';
import { countUpstream } from './upstream-metrics.ts';
import { checkUrl, type EgressPolicy, refuseInternalName } from './url-guard.ts';

const HEADER_BYTES_MAX = 16 * 1024;
/** The default; a request may have its own. */
const HEADERS = { 'user-agent': 'toolplane', 'accept-encoding': ACCEPT_ENCODING };

/** Which request of a run this is: of which step, the steps that led there, and its number within the try. */
export type RequestPosition = { step: string; attempt: number; index: number };

export type UpstreamRequest = {
  /** The workspace whose rules and lane the request uses. */
  workspaceId: string;
  url: string | URL;
  method: HttpMethod;
  /** Names in lower case. */
  headers: Readonly<Record<string, string>>;
  /** Not sent with a HEAD request, which has no body. */
  body?: string | Buffer;
  /** Nothing is sent to these, whatever else is allowed. */
  refusedOrigins?: ReadonlySet<string> | undefined;
  /** For a client that stands in for upstreams. */
  position?: RequestPosition | undefined;
  /** A redirect is returned like any other answer; absent, it is followed. */
  returnsRedirects?: boolean;
  /** The hosts, besides its own, to which a redirect may lead; absent: all that the rules allow. A port counts, if one is named. */
  redirectHosts?: readonly string[] | undefined;
  /** Called before each redirect that is followed; throws where no more may be sent. */
  onRedirect?(): void;
  /** The limit of the answer; it cannot exceed the limit of the client. */
  responseBytesMax?: number | undefined;
  /** For the whole request, redirects included. */
  timeoutMs: number;
  signal: AbortSignal;
};

/** `responseBytesMax` limits the whole body, and may be more than `send` accepts. */
export type OpenRequest = Omit<UpstreamRequest, 'returnsRedirects' | 'redirectHosts' | 'onRedirect'> & {
  responseBytesMax: number;
  /**
   * Answers that are held open for hours use a lane of their own, separate from other requests to the upstream; so does
   * whatever the upstream waits for before it can answer a request that is in progress.
   */
  lane?: 'held open' | 'answers' | undefined;
};

export type UpstreamResponse = {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** A redirect changed the origin or the method: this answers a request other than the original one. */
  isElsewhere: boolean;
};

export type HttpClient = {
  /** The limit of one answer. */
  readonly responseBytesMax: number;
  /** Throws only `UpstreamError`. */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
  /**
   * The answer as it arrives, for upstreams that keep writing: never redirected and never compressed. It keeps its
   * place in the lane until its body has ended. Throws only `UpstreamError`.
   */
  open(request: OpenRequest): Promise<OpenAnswer>;
  /** Origins, by workspace, that get no requests at the moment because they failed. */
  openLanes(): number;
  close(): void;
};

export type HttpClientOptions = {
  policy: EgressPolicy;
  /**
   * Throws when the rules cannot be known: without rules nothing is sent. Returns the same object for as long as they
   * hold.
   */
  rulesOf(workspaceId: string): Promise<EgressRules> | EgressRules;
  responseBytesMax?: number;
  /** How many requests of one workspace to one origin are under way at once. */
  requestsPerOriginMax?: number;
  /** Used instead of the system's resolver. */
  resolve?: Resolve | undefined;
  proxy?: EgressProxy | undefined;
  /** Milliseconds of any clock that never goes back. */
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
  const lanes = createLanes(options.now ?? (() => performance.now()), options.requestsPerOriginMax);

  /**
   * Node's own request and nothing around it: it follows no redirect, repeats nothing, inflates nothing and keeps no
   * cookies. Every request goes through here.
   */
  function start(url: URL, owner: string, { method, headers, body: given }: Hop): ClientRequest {
    const isTls = url.protocol === 'https:';
    // As bytes, because Node would write the headers in the encoding of a text.
    const body = typeof given === 'string' ? Buffer.from(given) : given;
    const hasBody = body !== undefined && method !== 'HEAD';
    const options: OwnedOptions = {
      method,
      owner,
      // Without a length Node would send the body of a GET or DELETE as if it were the next request.
      headers: { ...HEADERS, ...headers, ...(hasBody ? { 'content-length': body.length } : {}) },
      agent: isTls ? agents.https : agents.http,
      maxHeaderSize: HEADER_BYTES_MAX,
    };
    const request = (isTls ? https : http).request(url, options);
    const hold = currentHold();
    if (hold !== undefined) request.once('socket', (socket) => refuseLateConnection(socket, hold, isTls));
    return request.end(hasBody ? body : undefined);
  }

  /** One request and its answer as they are on the wire. */
  async function exchange(url: URL, hop: Hop, { owner, ...limits }: Limits, progress: Progress): Promise<Answer> {
    const confirming = confirmHold(limits);
    if (confirming !== undefined) await confirming;
    return receiveAnswer(start(url, owner, hop), { ...limits, isTls: url.protocol === 'https:' }, progress);
  }

  async function getRules(
    request: Pick<UpstreamRequest, 'workspaceId' | 'timeoutMs' | 'signal'>,
  ): Promise<EgressRules> {
    const found = rulesOf(request.workspaceId);
    return found instanceof Promise ? inTime(found, request) : found;
  }

  /** Checks the guard of the URL, and whether the host may be reached at all. */
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
      const answer = await lanes.run(`${workspaceId} ${url.origin}`, limits, (timeoutMs) =>
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
    const lane = `${workspaceId} ${url.origin}${request.lane === undefined ? '' : ` ${request.lane}`}`;
    const limits = { timeoutMs: deadline - performance.now(), signal };
    return lanes.run(lane, limits, async (timeoutMs) => {
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
    openLanes: lanes.openCount,
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
 * The process may have stood still since the call was confirmed, as while it connected. Writing waits for the events
 * that are waited for here, so nothing has been sent.
 */
function refuseLateConnection(socket: Socket, hold: Hold, isTls: boolean): void {
  function refuse(): void {
    if (hold.isSure()) return;
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
