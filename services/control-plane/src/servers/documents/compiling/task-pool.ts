import type { Serializable } from 'node:child_process';
import { AppError } from '@toolplane/contracts';
import { startTaskProcess, TaskLost, type TaskProcess, type TaskProcessOptions } from './task-process.ts';

/**
 * A few processes for work that would block every other request. They are processes and not threads, because V8 ends
 * the whole process, with all its threads, if one of them runs out of memory during `JSON.parse`.
 */
export type TaskPool = AsyncDisposable & {
  /**
   * Rejects with `TaskLost`, or with an `AppError` if too many tasks are waiting. Tasks of other tenants go before
   * those of a tenant that has a running task, or that was served last.
   */
  run(tenant: string, task: Serializable): Promise<unknown>;
};

export type TaskPoolOptions = TaskProcessOptions & {
  processesMax: number;
  waitingMax: number;
  tenantWaitingMax: number;
};

type Job = { tenant: string; task: Serializable; resolve(answer: unknown): void; reject(error: unknown): void };

/** The first process starts with the first task. */
export function createTaskPool(options: TaskPoolOptions): TaskPool {
  const { processesMax, waitingMax, tenantWaitingMax } = options;
  const waiting: Job[] = [];
  const running = new Set<Job>();
  const processes = new Set<TaskProcess>();
  const idle: TaskProcess[] = [];
  let isClosed = false;

  function startNext(servedLast?: string): void {
    while (running.size < processesMax && waiting.length > 0) {
      const served = new Set([servedLast, ...[...running].map(({ tenant }) => tenant)]);
      const index = waiting.findIndex(({ tenant }) => !served.has(tenant));
      for (const job of waiting.splice(Math.max(index, 0), 1)) void work(job);
    }
  }

  async function work(job: Job): Promise<void> {
    running.add(job);
    try {
      const process = takeIdle() ?? startTaskProcess(options);
      processes.add(process);
      await process.run(job.task).then(job.resolve, job.reject);
      idle.push(process);
    } catch (cause) {
      // A system that is out of resources may fail to start a process at once.
      job.reject(new TaskLost('end', 'it could not start', { cause }));
    }
    running.delete(job);
    startNext(job.tenant);
  }

  function takeIdle(): TaskProcess | undefined {
    for (let process = idle.pop(); process !== undefined; process = idle.pop()) {
      if (!process.hasEnded()) return process;
      processes.delete(process);
    }
    return undefined;
  }

  return {
    async run(tenant, task) {
      if (isClosed) throw new AppError('shutting_down', 'The service is shutting down');
      if (waiting.filter((job) => job.tenant === tenant).length >= tenantWaitingMax) {
        throw new AppError('tenant_busy', 'Too many documents of this workspace are waiting to be read');
      }
      if (waiting.length >= waitingMax) {
        throw new AppError('config_unavailable', 'Too many documents are waiting to be read');
      }
      return new Promise((resolve, reject) => {
        waiting.push({ tenant, task, resolve, reject });
        startNext();
      });
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      for (const { reject } of waiting.splice(0)) reject(new AppError('shutting_down', 'The service is shutting down'));
      await Promise.all([...processes].map((process) => process.stop()));
    },
  };
}
