import { readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findSecurityTests, idsIn, notApplicable, readBadInputs } from './bad-inputs.ts';
import { generateDatabaseClient } from './generate.ts';
import { LocalError, runTask } from './local-error.ts';
import { runTool } from './program.ts';
import { projectFolder } from './services.ts';
import { readThreats } from './threats.ts';

type Result = { path: string; fullName: string; status: string };

/**
 * `npm run test:security [jest arguments]`: runs the test files that the threat model page names and those whose titles
 * name a bad input or a threat, and prints the result for each of these. They are part of `npm test` and `npm run
 * test:long`, so CI does not run them separately. `TOOLPLANE_FUZZ_SECONDS=60` sets how long every property is tried,
 * and `TOOLPLANE_FUZZ_SEED` repeats a run.
 */
await runTask(async () => {
  await generateDatabaseClient();
  const output = join(tmpdir(), `toolplane-security-${process.pid}.json`);
  const proofs = readThreats().flatMap((threat) => threat.proofs);
  const paths = [...new Set([...proofs, ...findSecurityTests()].map(({ path }) => path))];
  try {
    const how = [`--maxWorkers=${availableParallelism()}`, '--json', `--outputFile=${output}`];
    const projects = ['--selectProjects', 'unit', 'real', 'long'];
    const isPassed = await runTool('jest', [...paths, ...process.argv.slice(2), ...how, ...projects]);
    const isComplete = printTable(readResults(output));
    if (!isPassed || !isComplete) throw new LocalError('security tests failed');
  } finally {
    rmSync(output, { force: true });
  }
});

function readResults(output: string): Result[] {
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as {
    testResults: { name: string; assertionResults: Omit<Result, 'path'>[] }[];
  };
  const results = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((result) => ({ ...result, path: relative(projectFolder, name) })),
  );
  return results.filter(({ status }) => status !== 'pending');
}

/** Returns whether every bad input has a test that passed, or a reason to have none. */
function printTable(results: readonly Result[]): boolean {
  const threats = readThreats().map(({ id, text, proofs }) => {
    const files = proofs.map(({ path }) => path);
    if (files.length === 0) return { id, ...notApplicableBecause(text.split(' | ')[2]) };
    return {
      id,
      ...sum(
        id,
        results.filter(({ path }) => files.includes(path)),
      ),
    };
  });
  const badInputs = readBadInputs().map(({ id }) => {
    return {
      id,
      ...sum(
        id,
        results.filter(({ fullName }) => idsIn(fullName).includes(id)),
      ),
    };
  });
  const rows = [...threats, ...badInputs];
  for (const { id, text } of rows) process.stdout.write(`${id.padEnd(5)} ${text}\n`);
  const count = (state: State) => rows.filter((row) => row.id.startsWith('B') && row.state === state).length;
  const failed = results.filter(({ status }) => status === 'failed').length;
  process.stdout.write(
    `bad inputs: ${count('passed')} passed, ${count('failed')} failed, ${count('not applicable')} not applicable, ` +
      `${count('no test')} without a test\n${results.length - failed} passed, ${failed} failed\n`,
  );
  return count('failed') === 0 && count('no test') === 0;
}

type State = 'passed' | 'failed' | 'not applicable' | 'no test';

/**
 * Sums up the tests of one id: for a threat, all tests of the files that prove it; for a bad input, the tests that name
 * it.
 */
function sum(id: string, own: readonly Result[]): { state: State; text: string } {
  const failed = own.filter(({ status }) => status === 'failed').length;
  if (own.length > 0) {
    return { state: failed > 0 ? 'failed' : 'passed', text: `${own.length - failed} passed, ${failed} failed` };
  }
  const reason = notApplicable[id];
  return reason === undefined ? { state: 'no test', text: 'no test' } : notApplicableBecause(reason);
}

function notApplicableBecause(reason = ''): { state: State; text: string } {
  return { state: 'not applicable', text: `not applicable: ${reason}` };
}
