import type { Edge } from '../edge.ts';
import { missingTasks } from '../mcp/missing-capability.ts';
import type { WatchTasks } from '../mcp/subscriptions-listen.ts';
import { toDetailedTask } from './detailed-task.ts';
import type { TaskOwner } from './task-store.ts';
import { findTask } from './tasks.ts';

const LOOK_MS = 500;

type Notify = Parameters<WatchTasks>[3];
type Watch = { owner: TaskOwner; taskId: string; notify: Notify; lastTold: string };
type Watches = { all: Set<Watch>; timer: NodeJS.Timeout | undefined; isLooking: boolean };

const watchesOf = new WeakMap<Edge, Watches>();

/**
 * Sends `notifications/tasks` for those tasks that this client has: how each stands, unless it is just working, and each
 * change. What happens to a task is in Redis and told to nobody, so one timer per edge looks at all that are watched.
 */
export const watchTasks: WatchTasks = async (edge, request, taskIds, notify) => {
  if (!request.client.knowsTasks) throw missingTasks();
  const found = await Promise.all([...new Set(taskIds)].map((taskId) => findTask(edge, request, taskId)));
  const own = found.flatMap((task): Watch[] => {
    if (task === undefined) return [];
    const shown = toDetailedTask(task);
    const lastTold = shown['status'] === 'working' ? JSON.stringify(shown) : '';
    return [{ owner: request, taskId: task.id, notify, lastTold }];
  });
  const watches = watchesOf.get(edge) ?? { all: new Set(), timer: undefined, isLooking: false };
  watchesOf.set(edge, watches);
  for (const watch of own) watches.all.add(watch);
  if (own.length > 0) watches.timer ??= setInterval(() => void lookAtAll(edge, watches), LOOK_MS);
  return { taskIds: own.map(({ taskId }) => taskId), stop: () => unwatch(watches, own) };
};

async function lookAtAll(edge: Edge, watches: Watches): Promise<void> {
  // A slow Redis is not asked again before it has answered.
  if (watches.isLooking) return;
  watches.isLooking = true;
  // While Redis is away nothing is told; the next look tells it.
  await Promise.all([...watches.all].map((watch) => look(edge, watches, watch).catch(() => {})));
  watches.isLooking = false;
}

async function look(edge: Edge, watches: Watches, watch: Watch): Promise<void> {
  const task = await findTask(edge, watch.owner, watch.taskId);
  if (!watches.all.has(watch)) return;
  if (task === undefined) return unwatch(watches, [watch]);
  const shown = toDetailedTask(task);
  const text = JSON.stringify(shown);
  if (text !== watch.lastTold) watch.notify('notifications/tasks', shown);
  watch.lastTold = text;
  if (task.record.stage.kind === 'ended') unwatch(watches, [watch]);
}

function unwatch(watches: Watches, those: Watch[]): void {
  for (const watch of those) watches.all.delete(watch);
  if (watches.all.size > 0) return;
  clearInterval(watches.timer);
  watches.timer = undefined;
}
