import { availableParallelism } from 'node:os';
import { runTool } from './program.ts';

/**
 * Tests spend part of their time waiting for processes, databases and browsers; one worker more than there are cores
 * keeps the cores busy.
 */
const WORKERS = availableParallelism() + 1;

/** Runs the tests of some Jest projects on all cores; returns whether they passed. */
export function runTests(projects: readonly string[], jestArguments: readonly string[]): Promise<boolean> {
  return runTool('jest', [...jestArguments, '--selectProjects', ...projects, `--maxWorkers=${WORKERS}`]);
}
