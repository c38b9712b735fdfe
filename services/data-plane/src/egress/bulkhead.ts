import { inTime } from './in-time.ts';
import { UpstreamError } from './upstream-error.ts';

export type Bulkhead = {
  /**
   * Returns undefined if there is room, so that a request that need not wait continues at once. Every request that
   * entered must leave.
   */
  enter(lane: string, limits: { timeoutMs: number; signal: AbortSignal }): Promise<void> | undefined;
  leave(lane: string): void;
};

type Lane = { underWay: number; waiting: Set<() => void> };

/**
 * Lets a limited number of requests into each lane at once, and the others in the order of their arrival. An empty lane
 * is forgotten.
 */
export function createBulkhead({ atOnce, waitingMax }: { atOnce: number; waitingMax: number }): Bulkhead {
  const lanes = new Map<string, Lane>();

  async function wait({ waiting }: Lane, name: string, limits: Parameters<Bulkhead['enter']>[1]): Promise<void> {
    const turn = Promise.withResolvers<void>();
    waiting.add(turn.resolve);
    try {
      await inTime(turn.promise, limits);
    } catch (reason) {
      // The slot may have been assigned at the same moment; the next waiting request then gets it.
      if (!waiting.delete(turn.resolve)) leave(name);
      throw reason;
    }
  }

  function leave(name: string): void {
    const lane = lanes.get(name);
    if (lane === undefined) return;
    const [next] = lane.waiting;
    if (next !== undefined) {
      lane.waiting.delete(next);
      next();
      return;
    }
    lane.underWay -= 1;
    if (lane.underWay === 0) lanes.delete(name);
  }

  return {
    leave,
    enter(name, limits) {
      const lane = lanes.get(name);
      if (lane === undefined) {
        lanes.set(name, { underWay: 1, waiting: new Set() });
        return undefined;
      }
      if (lane.underWay < atOnce) {
        lane.underWay += 1;
        return undefined;
      }
      if (lane.waiting.size >= waitingMax) throw busy();
      return wait(lane, name, limits);
    },
  };
}

function busy(): UpstreamError {
  return new UpstreamError('upstream_busy', 'Too many requests to this host are in progress and waiting');
}
