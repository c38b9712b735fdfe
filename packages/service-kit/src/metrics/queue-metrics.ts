import { gauge } from './metric.ts';

type State = { waiting: number; active: number; oldestMs: number };

/** How full the queue is that this process fills; absent while nobody knows. */
export function showQueue(queue: string, read: () => Promise<State | undefined>): void {
  gauge('toolplane_queue_jobs', async (jobs) => {
    const state = await read();
    jobs.reset();
    if (state === undefined) return;
    jobs.labels(queue, 'waiting').set(state.waiting);
    jobs.labels(queue, 'active').set(state.active);
  });
  gauge('toolplane_queue_oldest_seconds', async (oldest) => {
    const state = await read();
    oldest.reset();
    if (state !== undefined) oldest.labels(queue).set(state.oldestMs / 1000);
  });
}
