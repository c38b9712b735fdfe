import type { CallLogReader, PooledCaller } from '@toolplane/bus';
import { gauge, showQueues } from '@toolplane/service-kit';
import type { Database } from './platform/database/database.ts';

/** Registers values that are read when the metrics are scraped. Called once per process. */
export function showControlPlane(parts: {
  caller: Pick<PooledCaller, 'depths'>;
  database: Pick<Database, 'connections'>;
  endedCalls: Pick<CallLogReader, 'bytes'>;
}): void {
  const { caller, database, endedCalls } = parts;
  showQueues(caller.depths);
  gauge('toolplane_database_connections', (connections) => {
    for (const [state, count] of Object.entries(database.connections())) connections.labels(state).set(count);
  });
  gauge('toolplane_call_log_bytes', async (callLog) => {
    const bytes = await endedCalls.bytes();
    // If it were not removed, a gauge without labels would be 0, which would be wrong.
    if (bytes === undefined) callLog.remove();
    else callLog.set(bytes);
  });
}
