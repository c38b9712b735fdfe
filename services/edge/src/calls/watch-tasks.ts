import type { JsonObject } from '@toolplane/contracts';
import { createHoldings } from '../callers/holdings.ts';
import { streamHolderOf } from '../callers/principal.ts';
import { missingTasks } from '../protocol/missing-capability.ts';
import { toDetailedTask } from './detailed-task.ts';
import type { McpRequest } from './mcp-request.ts';
import { runConcurrently } from './run-concurrently.ts';
import { createTaskPoller, type TaskWatch } from './task-poller.ts';
import type { TaskParts } from './task-round.ts';
import { findTask } from './tasks.ts';

/** The maximum number of tasks that one caller may watch at this edge. */
const WATCHES_MAX = 100;

/** The tasks whose changes are reported between `start` and `stop`. */
export type WatchedTasks = { taskIds: string[]; start(): void; stop(): void };

/**
 * Sends `notifications/tasks` for the tasks that belong to this client: the state of each unless it is `working`, and
 * then each change. Tasks beyond the caller's limit are left out.
 */
export type WatchTasks = (
  request: McpRequest,
  taskIds: readonly string[],
  notify: (method: string, params: JsonObject) => void,
) => Promise<WatchedTasks>;

export function createTaskWatch(edge: TaskParts): WatchTasks {
  const taskPoller = createTaskPoller(edge);
  const holdings = createHoldings();

  return async (request, taskIds, notify) => {
    if (!request.client.knowsTasks) throw missingTasks();
    const holder = streamHolderOf(request.principal, request.server.manifest.serverId);
    const wanted = [...new Set(taskIds)].slice(0, WATCHES_MAX - holdings.of(holder));
    const slots = new Map(wanted.map((taskId) => [taskId, holdings.acquire(holder)]));
    const watches = new Map<string, TaskWatch>();
    const stops: (() => void)[] = [];
    const stop = () => {
      for (const stopOne of stops) stopOne();
      for (const release of slots.values()) release();
    };
    try {
      await runConcurrently([...slots], async ([taskId, release]) => {
        const task = await findTask(edge, request, taskId);
        if (task === undefined) return release();
        const shown = toDetailedTask(task);
        const lastReported = shown['status'] === 'working' ? JSON.stringify(shown) : '';
        const report = (changed: JsonObject) => notify('notifications/tasks', changed);
        watches.set(taskId, { report, lastReported, onEnd: release });
      });
    } catch (thrown) {
      stop();
      throw thrown;
    }
    const start = () => {
      for (const [taskId, watch] of watches) stops.push(taskPoller.add(request, taskId, watch));
    };
    return { taskIds: wanted.filter((taskId) => watches.has(taskId)), start, stop };
  };
}
