import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction, Socket } from 'node:net';
import type { AddressGuard } from './address-guard.ts';
import { UpstreamError } from './upstream-error.ts';

/** One slow upstream must not take every call of the process, nor every file descriptor. */
const SOCKETS_PER_HOST_MAX = 20;
/** Servers close idle connections after 5 s or more; a connection closed under a request would lose that request. */
const IDLE_MS_MAX = 4000;

export type GuardedAgents = { http: http.Agent; https: https.Agent };

/** Keeps connections alive for reuse and checks each as it is made; nothing else in the process connects to upstreams. */
export function createGuardedAgents(addresses: AddressGuard, lookup: LookupFunction): GuardedAgents {
  const settings: https.AgentOptions = {
    keepAlive: true,
    maxSockets: SOCKETS_PER_HOST_MAX,
    scheduling: 'lifo',
    timeout: IDLE_MS_MAX,
  };
  const guard = <Agent extends http.Agent>(agent: Agent): Agent => {
    const connect = agent.createConnection.bind(agent);
    agent.createConnection = (options, callback) => {
      const { host } = options;
      // Node asks no look-up for a literal address.
      if (typeof host === 'string' && isIP(host) !== 0 && !addresses.isAllowed(host)) throw denied();
      const socket = connect({ ...options, lookup }, callback);
      // The third check. It runs before anything is written, as writing waits for this event too.
      if (socket instanceof Socket) {
        socket.once('connect', () => {
          if (!addresses.isAllowed(socket.remoteAddress ?? '')) socket.destroy(denied());
        });
      }
      return socket;
    };
    return agent;
  };
  return { http: guard(new http.Agent(settings)), https: guard(new https.Agent(settings)) };
}

function denied(): UpstreamError {
  return new UpstreamError(
    'egress_denied',
    'Requests to this URL are not allowed because of the address that it leads to',
  );
}
