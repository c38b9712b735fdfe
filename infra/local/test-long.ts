import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { generateDatabaseClient } from './generate.ts';
import { LocalError, runTask } from './local-error.ts';
import { runTool } from './program.ts';

/** `npm run test:long [-- --counts <file>]`: the tests that `npm test` leaves out. Writes how many passed and failed. */
await runTask(async () => {
  const { values } = parseArgs({ options: { counts: { type: 'string' } } });
  await generateDatabaseClient();
  const results = join(tmpdir(), `toolplane-long-${process.pid}.json`);
  try {
    const workers = `--maxWorkers=${availableParallelism()}`;
    const isPassed = await runTool('jest', ['--selectProjects', 'long', workers, '--json', `--outputFile=${results}`]);
    if (values.counts !== undefined) writeFileSync(values.counts, `${countsOf(results)}\n`);
    if (!isPassed) throw new LocalError('long tests failed');
  } finally {
    rmSync(results, { force: true });
  }
});

function countsOf(results: string): string {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(results, 'utf8'));
  return `${numPassedTests} ${numFailedTests + numRuntimeErrorTestSuites}`;
}
