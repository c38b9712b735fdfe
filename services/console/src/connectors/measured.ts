import type { ToolStatistics } from '@toolplane/api-client';

type Counted = Pick<ToolStatistics, 'serverId' | 'originId' | 'tool' | 'calls' | 'errors' | 'p95Ms'>;

/** Statistics of the calls to tools of one server, regardless of the server at which they were made. */
export type Measured = {
  calls: number;
  /**
   * The percentage of calls without an error, rounded down, so 100 means that there was no error. Undefined if nothing
   * was called.
   */
  successPercentage?: number;
  /** The slowest tool. 95 of 100 of its calls took no longer than `p95Ms`, so the same is true for all calls. */
  slowest?: { tool: string; p95Ms: number };
};

export function measure(tools: readonly Counted[], ofServer: string): Measured {
  const own = tools.filter(({ serverId, originId = serverId }) => originId === ofServer);
  const calls = sum(own.map((each) => each.calls));
  if (calls === 0) return { calls };
  const errors = sum(own.map((each) => each.errors));
  const timed = own.flatMap(({ tool, p95Ms }) => (p95Ms === undefined ? [] : [{ tool, p95Ms }]));
  const [slowest] = timed.toSorted((a, b) => b.p95Ms - a.p95Ms);
  const successPercentage = Math.floor((10_000 * (calls - errors)) / calls) / 100;
  return slowest === undefined ? { calls, successPercentage } : { calls, successPercentage, slowest };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
