import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Caller } from '@toolplane/bus';
import { counter, gauge, showQueue } from '@toolplane/service-kit';
import type { OpenStreams } from './transports/open-streams.ts';

const requests = counter('toolplane_http_requests_total');
const METHODS = new Set(['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PUT', 'PATCH']);
const CLIENT_LEFT = 499;

/** By what it was answered with, once it is over. */
export function countRequest({ method = '' }: IncomingMessage, response: ServerResponse): void {
  response.once('close', () => {
    const status = response.headersSent ? response.statusCode : CLIENT_LEFT;
    requests.labels(METHODS.has(method) ? method : 'other', String(status)).inc();
  });
}

/** What is looked up when somebody asks. Once per process. */
export function showEdge(parts: {
  calls: Pick<Caller, 'readQueue'>;
  leasesMax: number;
  openStreams: Pick<OpenStreams, 'count'>;
}): void {
  const { calls, leasesMax, openStreams } = parts;
  showQueue('calls', calls.readQueue);
  gauge('toolplane_leases_in_use', async (leases) => {
    const state = await calls.readQueue();
    // A gauge without labels would be 0, which would be wrong.
    if (state === undefined) leases.remove();
    else leases.set(state.leases);
  });
  gauge('toolplane_leases_max').set(leasesMax);
  gauge('toolplane_streams_open', (streams) => streams.set(openStreams.count()));
}
