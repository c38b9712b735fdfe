import { gauge } from './metric.ts';

type Depth = { queue: string; waiting: number; active: number; oldestMs: number | null };

/** Results are reused for this long. */
const KNOWN_MS = 1000;

/**
 * Reports how full the queues are that this process fills. `read` rejects if that is unknown; the values are then
 * absent.
 */
export function showQueues(read: () => Promise<Depth[]>): void {
  const known = forAWhile(() => read().catch(() => []));
  gauge('toolplane_queue_jobs', async (jobs) => {
    const depths = await known();
    jobs.reset();
    for (const { queue, waiting, active } of depths) {
      jobs.labels(queue, 'waiting').set(waiting);
      jobs.labels(queue, 'active').set(active);
    }
  });
  gauge('toolplane_queue_oldest_seconds', async (oldest) => {
    const depths = await known();
    oldest.reset();
    for (const { queue, oldestMs } of depths) oldest.labels(queue).set((oldestMs ?? 0) / 1000);
  });
}

function forAWhile<Value>(read: () => Promise<Value>): () => Promise<Value> {
  let last: { value: Promise<Value>; at: number } | undefined;
  return () => {
    const now = performance.now();
    if (last === undefined || now - last.at >= KNOWN_MS) last = { value: read(), at: now };
    return last.value;
  };
}
