import type { ExampleTask } from './task-pool.example.ts';
import { createTaskPool } from './task-pool.ts';

/** A parent process that can be killed. It reports the id of its task process, which then runs an endless loop. */
const pool = createTaskPool({
  script: new URL('./task-pool.example.ts', import.meta.url),
  processesMax: 1,
  waitingMax: 1,
  tenantWaitingMax: 1,
  taskMsMax: Number(process.argv[2]),
  heapMbMax: 64,
});
const task: ExampleTask = { do: 'tell-id-and-spin' };
process.send?.(await pool.run('a', task));
