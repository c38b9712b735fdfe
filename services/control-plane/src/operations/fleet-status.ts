import type { FleetReader, ProcessStatus, QueueDepth } from '@toolplane/bus';

/** The state of the whole platform, for operators. It contains no tenant data except counts. */
export type FleetStatus = {
  /** Undefined while Redis is unavailable; so are `pools`, `otherEpochs` and `queues`. */
  processes?: ProcessStatus[];
  /** `pool` is null for the default pool. A pool without ready workers takes no calls. */
  pools?: { pool: string | null; workers: number; readyWorkers: number }[];
  /** Processes that use another run of Redis than this process. What they queue reaches no process of this run. */
  otherEpochs?: Pick<ProcessStatus, 'service' | 'id' | 'host' | 'epoch'>[];
  queues?: QueueDepth[];
  /** Undefined while the database is unavailable. */
  publication?: Publication;
  migrations: { known: string[]; areApplied: boolean };
};

type Publication = { revision: number; pending: Record<string, number> };

export type DescribeFleet = (own: ProcessStatus) => Promise<FleetStatus>;

export function createFleetDescription(options: {
  fleet: Pick<FleetReader, 'read'>;
  publishing: { describe(): Promise<Publication> };
  poolNames: readonly string[];
  migrations: readonly { name: string }[];
  areMigrationsApplied: () => boolean;
}): DescribeFleet {
  const { fleet, publishing, poolNames, migrations, areMigrationsApplied } = options;

  async function describeProcesses(own: ProcessStatus): Promise<Omit<FleetStatus, 'publication' | 'migrations'>> {
    const processes = await fleet.read();
    const workers = processes.filter(({ service }) => service === 'data-plane');
    return {
      processes,
      pools: [null, ...poolNames].map((pool) => {
        const those = workers.filter((worker) => (worker.pool ?? null) === pool);
        const readyWorkers = those.filter(({ reasons }) => reasons.length === 0).length;
        return { pool, workers: those.length, readyWorkers };
      }),
      otherEpochs: processes
        .filter(({ epoch }) => epoch !== own.epoch)
        .map(({ service, id, host, epoch }) => ({ service, id, host, ...(epoch !== undefined && { epoch }) })),
      queues: listQueues([own, ...processes]),
    };
  }

  return async (own) => ({
    ...(await describeProcesses(own).catch(() => ({}))),
    ...(await publishing.describe().then(
      (publication) => ({ publication }),
      () => ({}),
    )),
    migrations: { known: migrations.map(({ name }) => name), areApplied: areMigrationsApplied() },
  });
}

/** Lists each queue once, because all callers of a queue report the same numbers for it. */
function listQueues(processes: readonly ProcessStatus[]): QueueDepth[] {
  const byName = new Map<string, QueueDepth>();
  for (const depth of processes.flatMap(({ queues = [] }) => queues)) {
    if (!byName.has(depth.queue)) byName.set(depth.queue, depth);
  }
  return [...byName.values()].toSorted((one, other) => (one.queue < other.queue ? -1 : 1));
}
