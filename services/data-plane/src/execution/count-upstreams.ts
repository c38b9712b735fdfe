import type { Run } from './run.ts';

/** Requests of one run that are under way, and since when there is one: milliseconds of the clock that only goes forward. */
export type UpstreamCount = { underWay: number; since: number };

/** For the report of the call: how many requests, and the time in which at least one was under way. */
export function beginUpstream({ upstreams, call: { report } }: Run): void {
  if (upstreams.underWay === 0) upstreams.since = performance.now();
  upstreams.underWay += 1;
  report.upstreamRequests += 1;
}

export function endUpstream({ upstreams, call: { report } }: Run): void {
  upstreams.underWay -= 1;
  if (upstreams.underWay === 0) report.upstreamMs += performance.now() - upstreams.since;
}
