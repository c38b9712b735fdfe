import type { JsonObject } from '@toolplane/contracts';
import { streamHolderOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import { missingTasks } from '../protocol/missing-capability.ts';
import { toDetailedTask } from './detailed-task.ts';
import type { McpRequest } from './mcp-request.ts';
import { runConcurrently } from './run-concurrently.ts';
import { createTaskPoller, type TaskPoller, type TaskWatch } from './task-poller.ts';
import { findTask } from './tasks.ts';

/** The maximum number of tasks that one caller may watch at this edge. */
const WATCHES_MAX = 100;

/** The tasks whose changes are reported between `start` and `stop`. */
export type WatchedTasks = { taskIds: string[]; start(): void; stop(): void };

type Watching = { taskPoller: TaskPoller; counts: Map<string, number> };

const watchingOf = new WeakMap<Edge, Watching>();

/**
 * Sends `notifications/tasks` for the tasks that belong to this client: the state of each unless it is `working`, and
 * then each change. Tasks beyond the caller's limit are left out.
 */
export async function watchTasks(
  edge: Edge,
  request: McpRequest,
  taskIds: readonly string[],
  notify: (method: string, params: JsonObject) => void,
): Promise<WatchedTasks> {
  if (!request.client.knowsTasks) throw missingTasks();
  const { taskPoller, counts } = watchingOf.get(edge) ?? { taskPoller: createTaskPoller(edge), counts: new Map() };
  watchingOf.set(edge, { taskPoller, counts });
  const holder = streamHolderOf(request.principal, request.server.manifest.serverId);
  const places = takePlaces(counts, holder, [...new Set(taskIds)]);
  const watches = new Map<string, TaskWatch>();
  const stops: (() => void)[] = [];
  const stop = () => {
    for (const stopOne of stops) stopOne();
    for (const place of places.values()) place[Symbol.dispose]();
  };
  try {
    await runConcurrently([...places], async ([taskId, place]) => {
      const task = await findTask(edge, request, taskId);
      if (task === undefined) return place[Symbol.dispose]();
      const shown = toDetailedTask(task);
      const lastReported = shown['status'] === 'working' ? JSON.stringify(shown) : '';
      const report = (changed: JsonObject) => notify('notifications/tasks', changed);
      watches.set(taskId, { report, lastReported, onEnd: () => place[Symbol.dispose]() });
    });
  } catch (thrown) {
    stop();
    throw thrown;
  }
  const start = () => {
    for (const [taskId, watch] of watches) stops.push(taskPoller.add(request, taskId, watch));
  };
  return { taskIds: [...places.keys()].filter((taskId) => watches.has(taskId)), start, stop };
}

/** Reserves one slot per task until the caller's limit is reached. Each slot has to be released. */
function takePlaces(
  counts: Map<string, number>,
  holder: string,
  taskIds: readonly string[],
): Map<string, DisposableStack> {
  const taken = taskIds.slice(0, WATCHES_MAX - (counts.get(holder) ?? 0));
  if (taken.length > 0) counts.set(holder, (counts.get(holder) ?? 0) + taken.length);
  return new Map(
    taken.map((taskId) => {
      const place = new DisposableStack();
      place.defer(() => {
        const left = (counts.get(holder) ?? 1) - 1;
        if (left === 0) counts.delete(holder);
        else counts.set(holder, left);
      });
      return [taskId, place];
    }),
  );
}
