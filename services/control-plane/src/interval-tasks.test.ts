import { expect, test } from '@jest/globals';
import { listIntervalTasks } from './interval-tasks.ts';

/** An object that has every member, as does each of its members. */
const anything: object = new Proxy(() => undefined, { get: () => anything });

test('what the control plane does without being asked, and how long it pauses in between', () => {
  const services = { domains: anything, publishing: anything, following: anything, database: anything };
  const tasks = listIntervalTasks({ ...services, bus: { secretUses: [] } } as never);
  expect(tasks.map(({ name, everyMs }) => [name, everyMs])).toEqual([
    ['publishing', 1000],
    ['connector versions', 1000],
    ['sealing key', 60_000],
    ['database', 2000],
    ['external servers', 1000],
    ['secret uses', 2000],
    ['seen callers', 1000],
    ['seen users', 1000],
    ['approval requests', 500],
    ['decisions', 1000],
    ['call log', 1000],
    ['late audit entries', 1000],
    ['interrupted changes', 3_600_000],
    ['lost sessions', 5000],
    ['debug sessions', 1000],
    ['secret sweep', 2000],
    ['credential sweep', 2000],
    ['session sweep', 60_000],
    ['approvals', 60_000],
    ['old debug sessions', 3_600_000],
    ['audit sweep', 3_600_000],
    ['call log sweep', 3_600_000],
    ['plan sweep', 21_600_000],
  ]);
});
