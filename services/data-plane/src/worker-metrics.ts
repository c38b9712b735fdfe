import type { Worker } from '@toolplane/bus';
import { gauge } from '@toolplane/service-kit';
import type { HttpClient } from './egress/http-client.ts';

/** Registers values that are read when metrics are collected. Called once per process. */
export function showWorkers(
  workers: readonly { queue: string; worker: Pick<Worker, 'running'>; concurrency: number }[],
  clients: readonly Pick<HttpClient, 'pausedCount'>[],
): void {
  gauge('toolplane_worker_calls_running', (running) => {
    for (const { queue, worker } of workers) running.labels(queue).set(worker.running());
  });
  const max = gauge('toolplane_worker_calls_max');
  for (const { queue, concurrency } of workers) max.labels(queue).set(concurrency);
  gauge('toolplane_breaker_open', (open) => open.set(clients.reduce((sum, client) => sum + client.pausedCount(), 0)));
}
