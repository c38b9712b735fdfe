import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { runTool } from './program.ts';
import { projectFolder } from './services.ts';

/** The part of Jest's results that is read here. */
type TestRun = {
  /** Also false after failures outside of tests, such as a failed setup. */
  success: boolean;
  numPassedTests: number;
  numFailedTests: number;
  /** The number of files that failed before their tests ran. */
  numRuntimeErrorTestSuites: number;
  testResults: { name: string; status: string; message: string; assertionResults: { status: string }[] }[];
};

/**
 * Tests spend part of their time waiting for processes, databases and browsers; one worker more than there are cores
 * keeps the cores busy.
 */
const WORKERS = availableParallelism() + 1;
/** If more files than this fail, a busy machine is not the reason. */
const FILES_TO_TRY_ALONE = 4;

/**
 * Runs the tests of some Jest projects on all cores; returns whether they passed. If only a few files fail while others
 * run beside them, these files are run once more, alone: a file that passes then failed only for lack of processor
 * time. It is reported, because it has to be fixed, but it does not block an unrelated change. Arguments: `--results
 * <file>` names a file for the results in Jest's format; all others are passed to Jest.
 */
export async function runTests(projects: readonly string[], taskArguments: readonly string[]): Promise<boolean> {
  const { resultsFile, jestArguments } = splitArguments(taskArguments);
  const shared = ['--selectProjects', ...projects];
  const run = await runJest([...jestArguments, ...shared, `--maxWorkers=${WORKERS}`]);
  if (run === undefined) return false;
  const failed = run.testResults.filter(({ status }) => status === 'failed');
  const isTriedAgain = failed.length > 0 && failed.length <= FILES_TO_TRY_ALONE;
  const again = isTriedAgain
    ? await runJest(['--runTestsByPath', ...failed.map(({ name }) => name), ...shared, '--runInBand'])
    : undefined;
  const last = again === undefined ? run : replaceFiles(run, again);
  if (resultsFile !== undefined) writeFileSync(resultsFile, JSON.stringify(last));
  const stillFailed = last.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  for (const { name } of failed.filter((file) => !stillFailed.includes(file.name))) {
    process.stderr.write(`! ${relative(projectFolder, name)} passed only when run alone: it depends on the clock\n`);
  }
  return last.success && last.numFailedTests + last.numRuntimeErrorTestSuites === 0;
}

function splitArguments(taskArguments: readonly string[]) {
  const options = { results: { type: 'string' } } as const;
  const { values, tokens } = parseArgs({ args: [...taskArguments], options, strict: false, tokens: true });
  const own = tokens.find((token) => token.kind === 'option' && token.name === 'results');
  const length = own?.kind === 'option' && own.inlineValue === false ? 2 : 1;
  const jestArguments = [...taskArguments];
  if (own !== undefined) jestArguments.splice(own.index, length);
  return { resultsFile: values.results as string | undefined, jestArguments };
}

/** Returns undefined if Jest ended without running anything; it has then printed the reason. */
async function runJest(jestArguments: readonly string[]): Promise<TestRun | undefined> {
  const output = join(tmpdir(), `toolplane-tests-${process.pid}.json`);
  try {
    await runTool('jest', [...jestArguments, '--json', `--outputFile=${output}`]);
    return JSON.parse(readFileSync(output, 'utf8')) as TestRun;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    rmSync(output, { force: true });
  }
}

function replaceFiles(run: TestRun, again: TestRun): TestRun {
  const names = new Set(again.testResults.map(({ name }) => name));
  const testResults = [...run.testResults.filter(({ name }) => !names.has(name)), ...again.testResults];
  const count = (status: string) =>
    testResults.flatMap((file) => file.assertionResults).filter((test) => test.status === status).length;
  return {
    success: again.success,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numRuntimeErrorTestSuites: again.numRuntimeErrorTestSuites,
    testResults,
  };
}
