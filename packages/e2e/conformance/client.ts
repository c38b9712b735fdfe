/*
 * Runs the scenarios of the official conformance suite about authorization for clients against the part of the data
 * plane that signs in to external MCP servers. The suite plays the MCP server and the authorization servers.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder } from '@toolplane/local/services';
import { type MeasuredSet, writeMeasuredTable } from './measured-table.ts';
import { listClientScenarios, runClientScenario, type ScenarioResult } from './suite.ts';
import { isSurprise, judge, printResults } from './verdict.ts';

const revisions = ['2025-11-25', '2026-07-28'];
/**
 * Scenarios that run at once. Each is two processes, and a client has 30 s: the suite itself would start them all
 * together.
 */
const AT_ONCE = 2;

const { values } = parseArgs({
  options: {
    client: { type: 'boolean' },
    revision: { type: 'string', multiple: true, default: revisions },
    /** A file for `<passed> <failed>`, which counts the scenarios of all sets. */
    counts: { type: 'string' },
    /** Writes the results into docs/reference/conformance.md. */
    write: { type: 'boolean', default: false },
  },
});
if (values.write && values.revision.length < revisions.length) throw new Error('--write wants both sets');

const program = join(projectFolder, 'services', 'data-plane', 'test', 'conformance-client.ts');
const flags = '--conditions=toolplane-source --disable-warning=ExperimentalWarning';
const command = `"${process.execPath}" ${flags} "${program}"`;

const startedAt = performance.now();
const sets: MeasuredSet[] = [];
for (const revision of values.revision) {
  const scenarios = await listClientScenarios(revision, 'auth/');
  const results = await runInTurns(scenarios, (scenario) => runClientScenario(revision, scenario, command));
  printResults(revision, results);
  sets.push({ revision, results });
}
const all = sets.flatMap(({ results }) => results);
const passed = all.filter((result) => judge(result) === 'passed').length;
const surprises = all.filter((result) => isSurprise(result, { isGateway: false }));
const seconds = Math.round((performance.now() - startedAt) / 1000);
console.log(`\n${passed} of ${all.length} scenarios passed in ${seconds} s`);
for (const result of surprises) console.log(`✗ not as expected: ${result.scenario} (${judge(result)})`);
if (values.counts !== undefined) writeFileSync(values.counts, `${passed} ${surprises.length}\n`);
if (values.write) writeMeasuredTable('measured client', sets, 'the client of external MCP servers');
if (all.length === 0 || surprises.length > 0) process.exitCode = 1;

/** Runs the scenarios, a few at once. The results are in the order of the scenarios. */
async function runInTurns(
  scenarios: readonly string[],
  run: (scenario: string) => Promise<ScenarioResult>,
): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  const waiting = [...scenarios.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, scenario] = next;
      results[index] = await run(scenario);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}
