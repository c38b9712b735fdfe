import { generateDatabaseClient } from './generate.ts';
import { LocalError, runTask } from './local-error.ts';
import { runTool } from './program.ts';
import { runTests } from './run-tests.ts';

/**
 * `npm test [-- jest arguments]`: the checks that a change must pass during development; `.ci/run`
 * adds the long tests and the gates. All stages run, even if one fails.
 */
await runTask(async () => {
  const failed: string[] = [];
  const stage = async (name: string, run: () => Promise<boolean>) => {
    const startedAt = performance.now();
    const passed = await run();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stderr.write(`${passed ? '✓' : '✗'} ${name} (${seconds} s)\n`);
    if (!passed) failed.push(name);
  };

  await generateDatabaseClient();
  await Promise.all([
    stage('format and lint', () => runTool('biome', ['ci', '.'], { isQuiet: true })),
    stage('types', () => runTool('tsc', ['-p', 'tsconfig.check.json'], { isQuiet: true })),
    stage('types of the console', () => runTool('tsc', ['-p', 'services/console'], { isQuiet: true })),
    stage('boundaries', () => runTool('turbo', ['boundaries'], { isQuiet: true })),
    stage('unused code', () => runTool('knip', [], { isQuiet: true })),
  ]);
  await stage('tests', () => runTests(['unit', 'real'], process.argv.slice(2)));
  if (failed.length > 0) throw new LocalError(`failed: ${failed.join(', ')}`);
});
