import type { JsonObject } from '@toolplane/contracts';
import { principalIdOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import { toDetailedTask } from './detailed-task.ts';
import { inTurns } from './in-turns.ts';
import type { TaskOwner } from './task-store.ts';
import { findTask } from './tasks.ts';

const LOOK_MS = 500;
/** A task that waits for its client is checked only once in up to this many polls. */
const REST_MAX = 4;

/** A listener for the state of a task. */
export type TaskWatch = {
  tell(task: JsonObject): void;
  /** The state that was reported last, as JSON. */
  lastTold: string;
  /** The task has ended or is gone: nothing more will be reported. */
  onEnd(): void;
};

type Look = { owner: TaskOwner; taskId: string; watches: Set<TaskWatch>; rest: number; restsLeft: number };

export type TaskLooks = {
  /** Returns the function that stops the watch. */
  add(owner: TaskOwner, taskId: string, watch: TaskWatch): () => void;
};

/**
 * Changes of tasks are stored in Redis but not announced, so an edge polls the tasks that are watched: each of them
 * once, however many watches it has.
 */
export function createTaskLooks(edge: Edge): TaskLooks {
  const looks = new Map<string, Look>();
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;

  async function lookAtAll(): Promise<void> {
    // Do not send further requests to a slow Redis before it has answered.
    if (isLooking) return;
    isLooking = true;
    const due = [...looks].filter(([, look]) => {
      look.restsLeft -= 1;
      return look.restsLeft <= 0;
    });
    // While Redis is unavailable, nothing is reported. A later poll reports the change.
    await inTurns(due, ([key, look]) => lookAt(key, look).catch(() => {}));
    isLooking = false;
  }

  async function lookAt(key: string, look: Look): Promise<void> {
    if (looks.get(key) !== look) return;
    const task = await findTask(edge, look.owner, look.taskId);
    if (looks.get(key) !== look) return;
    const shown = task && toDetailedTask(task);
    const text = JSON.stringify(shown);
    const changed = shown === undefined ? [] : [...look.watches].filter(({ lastTold }) => lastTold !== text);
    for (const watch of changed) {
      watch.lastTold = text;
      if (shown !== undefined) watch.tell(shown);
    }
    const isResting = shown?.['status'] === 'input_required' && changed.length === 0;
    look.rest = isResting ? Math.min(look.rest * 2, REST_MAX) : 1;
    look.restsLeft = look.rest;
    if (task === undefined || task.record.stage.kind === 'ended') end(key, look);
  }

  function end(key: string, look: Look): void {
    remove(key);
    for (const { onEnd } of look.watches) onEnd();
  }

  function remove(key: string): void {
    looks.delete(key);
    if (looks.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  return {
    add(owner, taskId, watch) {
      const { server, principal } = owner;
      const key = JSON.stringify([server.manifest.serverId, principalIdOf(principal), taskId]);
      const look = looks.get(key) ?? { owner, taskId, watches: new Set(), rest: 1, restsLeft: 1 };
      looks.set(key, look);
      look.watches.add(watch);
      look.restsLeft = 1;
      timer ??= setInterval(() => void lookAtAll(), LOOK_MS);
      return () => {
        look.watches.delete(watch);
        if (look.watches.size === 0 && looks.get(key) === look) remove(key);
      };
    },
  };
}
