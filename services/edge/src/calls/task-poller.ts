import type { JsonObject } from '@toolplane/contracts';
import { principalIdOf } from '../callers/principal.ts';
import { toDetailedTask } from './detailed-task.ts';
import { runConcurrently } from './run-concurrently.ts';
import type { TaskParts } from './task-round.ts';
import type { TaskOwner } from './task-store.ts';
import { findTask } from './tasks.ts';

const POLL_MS = 500;
/** A task that waits for its client is checked only once in up to this many polls. */
const REST_MAX = 4;

/** A listener for the state of a task. */
export type TaskWatch = {
  report(task: JsonObject): void;
  /** The state that was reported last, as JSON. */
  lastReported: string;
  /** The task has ended or is gone: nothing more will be reported. */
  onEnd(): void;
};

type PolledTask = { owner: TaskOwner; taskId: string; watches: Set<TaskWatch>; rest: number; restsLeft: number };

export type TaskPoller = {
  /** Returns the function that stops the watch. */
  add(owner: TaskOwner, taskId: string, watch: TaskWatch): () => void;
};

/**
 * Changes of tasks are stored in Redis but not announced, so an edge polls the tasks that are watched: each of them
 * once, however many watches it has.
 */
export function createTaskPoller(edge: TaskParts): TaskPoller {
  const polledTasks = new Map<string, PolledTask>();
  let timer: NodeJS.Timeout | undefined;
  let isPolling = false;

  async function pollAll(): Promise<void> {
    // Do not send further requests to a slow Redis before it has answered.
    if (isPolling) return;
    isPolling = true;
    const due = [...polledTasks].filter(([, polled]) => {
      polled.restsLeft -= 1;
      return polled.restsLeft <= 0;
    });
    // While Redis is unavailable, nothing is reported. A later poll reports the change.
    await runConcurrently(due, ([key, polled]) => poll(key, polled).catch(() => {}));
    isPolling = false;
  }

  async function poll(key: string, polled: PolledTask): Promise<void> {
    if (polledTasks.get(key) !== polled) return;
    const task = await findTask(edge, polled.owner, polled.taskId);
    if (polledTasks.get(key) !== polled) return;
    const shown = task && toDetailedTask(task);
    const text = JSON.stringify(shown);
    const changed = shown === undefined ? [] : [...polled.watches].filter(({ lastReported }) => lastReported !== text);
    for (const watch of changed) {
      watch.lastReported = text;
      if (shown !== undefined) watch.report(shown);
    }
    const isResting = shown?.['status'] === 'input_required' && changed.length === 0;
    polled.rest = isResting ? Math.min(polled.rest * 2, REST_MAX) : 1;
    polled.restsLeft = polled.rest;
    if (task === undefined || task.record.stage.kind === 'ended') end(key, polled);
  }

  function end(key: string, polled: PolledTask): void {
    remove(key);
    for (const { onEnd } of polled.watches) onEnd();
  }

  function remove(key: string): void {
    polledTasks.delete(key);
    if (polledTasks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    add(owner, taskId, watch) {
      const { server, principal } = owner;
      const key = JSON.stringify([server.manifest.serverId, principalIdOf(principal), taskId]);
      const polled = polledTasks.get(key) ?? { owner, taskId, watches: new Set(), rest: 1, restsLeft: 1 };
      polledTasks.set(key, polled);
      polled.watches.add(watch);
      polled.restsLeft = 1;
      timer ??= setInterval(() => void pollAll(), POLL_MS);
      return () => {
        polled.watches.delete(watch);
        if (polled.watches.size === 0 && polledTasks.get(key) === polled) remove(key);
      };
    },
  };
}
