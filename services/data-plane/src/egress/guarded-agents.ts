import assert from 'node:assert';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { isIP, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { AddressGuard } from './address-guard.ts';
import { currentOrganization } from './current-call.ts';
import { createLookupLimits, type ResolveHost, toLookup } from './guarded-lookup.ts';
import { REQUESTS_PER_ORIGIN_LIMIT } from './origin-limits.ts';
import type { OpenTunnel } from './proxy-tunnel.ts';
import { closedEarly, UpstreamError } from './upstream-error.ts';
import { addressDenied } from './url-guard.ts';

/**
 * The maximum number of connections of one workspace to one host, so that these cannot use up all file descriptors. It
 * is above the number of requests that a workspace may have in progress to an origin under all limits, so that no request
 * waits here. The number of concurrent calls of the process bounds how many connections are in use in total, and idle
 * ones are kept for seconds.
 */
const SOCKETS_PER_HOST_MAX = 4 * REQUESTS_PER_ORIGIN_LIMIT;
/**
 * Servers close idle connections after 5 s or more; a request that is sent while its connection is being closed would
 * be lost.
 */
const IDLE_MS_MAX = 4000;
/**
 * The cache holds one session for each workspace and host; without a session, a new connection needs a full handshake.
 */
const TLS_SESSIONS_MAX = 1000;
/**
 * The time limit for connecting to the proxy, through it to the upstream, and for the TLS handshake with the upstream.
 */
const TUNNEL_MS_MAX = 5000;

export type GuardedAgents = { http: http.Agent; https: https.Agent };

export type EgressRoute = {
  addresses: AddressGuard;
  /** Returns only addresses to which connections are allowed. */
  resolve: ResolveHost;
  /** Absent if connections are made directly, without a proxy. */
  tunnel?: OpenTunnel | undefined;
};

/** Only requests with the same `owner` may reuse the connection of a request. */
export type OwnedOptions = https.RequestOptions & { owner?: string };

/**
 * Keeps connections alive for reuse by the owner they were made for, and checks each connection when it is made;
 * nothing else in the process connects to upstreams. If owners shared connections, a server that takes the end of one
 * request for the beginning of the next could give one workspace the response to another's request, or write its
 * credentials where the other workspace wants them.
 */
export function createGuardedAgents(route: EgressRoute): GuardedAgents {
  const lookUp = createLookupLimits(route.resolve);
  const settings: https.AgentOptions = {
    keepAlive: true,
    maxSockets: SOCKETS_PER_HOST_MAX,
    scheduling: 'lifo',
    timeout: IDLE_MS_MAX,
  };
  const resolveFor =
    (owner = '') =>
    (hostname: string) =>
      lookUp(currentOrganization() ?? owner, hostname);
  const guarded = { ...route, resolveFor };
  return {
    http: guard(new http.Agent(settings), guarded),
    https: guard(new https.Agent({ ...settings, maxCachedSessions: TLS_SESSIONS_MAX }), guarded),
  };
}

type GuardedRoute = Omit<EgressRoute, 'resolve'> & { resolveFor(owner: string | undefined): ResolveHost };

function guard<Agent extends http.Agent>(agent: Agent, { addresses, resolveFor, tunnel }: GuardedRoute): Agent {
  const connect: Connect = agent.createConnection.bind(agent);
  const nameOf = agent.getName.bind(agent);
  agent.getName = (options: OwnedOptions = {}) => `${nameOf(options)}:${options.owner}`;
  agent.createConnection = (options: OwnedOptions, callback) => {
    const { host, owner } = options;
    const resolve = resolveFor(owner);
    // Node does not look up a literal address, so it is checked here.
    if (typeof host === 'string' && isIP(host) !== 0 && !addresses.isAllowed(host)) throw resolvedDenied();
    if (tunnel !== undefined) {
      const secure = agent instanceof https.Agent ? connect : undefined;
      connectThrough(tunnel, options, { resolve, secure }).then(
        (socket) => callback?.(null, socket),
        (error) => {
          // Node reads only the error, but the type of the callback requires a socket, too.
          callback?.(error, new Socket());
          forgetUnreached(agent, options);
        },
      );
      return undefined;
    }
    const socket = connect({ ...options, lookup: toLookup(resolve) }, callback);
    // The third check. It runs before anything is written, because writing waits for this event, too.
    if (socket instanceof Socket) {
      socket.once('connect', () => {
        const { remoteAddress } = socket;
        if (remoteAddress === undefined) socket.destroy(closedEarly());
        else if (!addresses.isAllowed(remoteAddress)) socket.destroy(resolvedDenied());
      });
    }
    return socket;
  };
  return agent;
}

/**
 * Deletes the empty list of sockets of a host that was not reached: Node would keep it forever, and callers may choose
 * any number of names.
 */
function forgetUnreached(agent: http.Agent, options: OwnedOptions): void {
  const name = agent.getName(options);
  if (agent.sockets[name]?.length === 0) Reflect.deleteProperty(agent.sockets, name);
}

type Connect = http.Agent['createConnection'];

/**
 * Resolves and checks the name here, although the proxy resolves it again. The returned connection is ready for use: a
 * failure before that has sent nothing.
 */
async function connectThrough(
  tunnel: OpenTunnel,
  options: https.RequestOptions,
  { resolve, secure }: { resolve: ResolveHost; secure: Connect | undefined },
): Promise<Duplex> {
  const host = options.host ?? '';
  if (isIP(host) === 0) await resolve(host);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), TUNNEL_MS_MAX);
  try {
    const socket = await tunnel(host, Number(options.port), limit.signal);
    return secure === undefined ? socket : await secured(secure({ ...options, socket } as TunnelOptions), limit.signal);
  } finally {
    clearTimeout(timer);
  }
}

type TunnelOptions = https.RequestOptions & { socket: Socket };

async function secured(socket: Duplex | null | undefined, signal: AbortSignal): Promise<Duplex> {
  assert(socket instanceof TLSSocket);
  try {
    await once(socket, 'secureConnect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? new UpstreamError('upstream_unreachable', 'The upstream was not reached in time') : error;
  }
}

const resolvedDenied = () => addressDenied('the address that it resolves to');
