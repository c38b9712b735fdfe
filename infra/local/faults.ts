import { join } from 'node:path';
import { generateDatabaseClient } from './generate.ts';
import { runTask } from './local-error.ts';
import { runProgram } from './program.ts';
import { projectFolder, SOURCE_FLAGS } from './services.ts';

/**
 * `npm run faults -- [--minutes 60] [--seed 7] [--rate 150] [--only 'clock,edge: SIGKILL'] [--list] [--write]`: runs
 * the fault campaign. It starts its own PostgreSQL and Redis, because it kills them.
 */
await runTask(async () => {
  await generateDatabaseClient();
  const file = join(projectFolder, 'packages', 'e2e', 'faults', 'run.ts');
  if (!(await runProgram(process.execPath, [...SOURCE_FLAGS, file, ...process.argv.slice(2)]))) process.exitCode = 1;
});
