import { AppError } from '@toolplane/contracts';
import type { Run } from './run.ts';

/**
 * Counts the requests of one run: `begun` is the number of requests so far, redirects included; `inProgress` is the
 * number of requests in progress; `since` is the time from which at least one has been in progress, in milliseconds of
 * the monotonic clock.
 */
export type UpstreamCount = { begun: number; inProgress: number; since: number };

/** Called before each request and each redirect that is followed. Throws if the run has sent as many as it may. */
export function countRequest({ upstreams, prepared: { requestsMax } }: Run): void {
  if (upstreams.begun === requestsMax) {
    throw new AppError('loop_limit', `The tool sent ${requestsMax} requests without finishing`);
  }
  upstreams.begun += 1;
}

/** Updates the report of the call: the number of requests, and the time during which at least one was in progress. */
export function beginUpstream({ upstreams, call: { report } }: Run): void {
  if (upstreams.inProgress === 0) upstreams.since = performance.now();
  upstreams.inProgress += 1;
  report.upstreamRequests += 1;
}

export function endUpstream({ upstreams, call: { report } }: Run): void {
  upstreams.inProgress -= 1;
  if (upstreams.inProgress === 0) report.upstreamMs += performance.now() - upstreams.since;
}
