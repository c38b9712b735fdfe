import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PooledCaller } from '@toolplane/bus';
import { gauge, showQueues, tally } from '@toolplane/service-kit';
import type { OpenStreams } from './transports/open-streams.ts';

const requests = tally('toolplane_http_requests_total');
const METHODS = new Set(['GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PUT', 'PATCH']);
const CLIENT_LEFT = 499;

/** Counts a request by the status of its response, once the response has closed. */
export function countRequest({ method = '' }: IncomingMessage, response: ServerResponse): void {
  response.on('close', () => {
    const status = response.headersSent ? response.statusCode : CLIENT_LEFT;
    requests(METHODS.has(method) ? method : 'other', String(status)).inc();
  });
}

/** Registers gauges whose values are read when metrics are collected. Called once per process. */
export function registerGauges(parts: {
  calls: Pick<PooledCaller, 'depths' | 'leases'>;
  leasesMax: number;
  openStreams: Pick<OpenStreams, 'count'>;
}): void {
  const { calls, leasesMax, openStreams } = parts;
  showQueues(calls.depths);
  gauge('toolplane_leases_in_use', async (leases) => {
    const known = await calls.leases().catch(() => []);
    leases.reset();
    for (const { queue, count } of known) leases.labels(queue).set(count);
  });
  gauge('toolplane_leases_max').set(leasesMax);
  gauge('toolplane_streams_open', (streams) => streams.set(openStreams.count()));
}
