import type { ScenarioResult } from './suite.ts';

/**
 * Scenarios that are known not to pass, each with the reason; a scenario that starts to pass has to be removed from
 * this list.
 */
const exceptions: Record<string, string> = {
  'tasks-status-notifications': 'this version of the suite skips its only check',
};

/**
 * Scenarios that cannot pass through a gateway: it does not pass on the tasks of an external server, and does not offer
 * its tools that need tasks.
 */
const GATEWAY_EXCEPTIONS = /^tasks-/;

export type Verdict = 'passed' | 'failed' | 'nothing checked';

export function judge({ failed, hasProof }: ScenarioResult): Verdict {
  if (failed > 0) return 'failed';
  return hasProof ? 'passed' : 'nothing checked';
}

/** Whether the scenario failed without being an exception, or is an exception and passed. */
export function isSurprise(result: ScenarioResult, { isGateway }: { isGateway: boolean }): boolean {
  const isException = result.scenario in exceptions || (isGateway && GATEWAY_EXCEPTIONS.test(result.scenario));
  return (judge(result) === 'passed') === isException;
}

export function printResults(revision: string, results: ScenarioResult[]): void {
  console.log(`\nRequirements of ${revision}`);
  console.table(
    results.map((result) => ({
      scenario: result.scenario,
      verdict: judge(result),
      'checks passed': result.passed,
      'checks failed': result.failed,
      warnings: result.warnings,
      scored: result.isScored ? 'yes' : 'no',
    })),
  );
  for (const { scenario, problems } of results) {
    for (const problem of problems) console.log(`  ${scenario}: ${problem.replaceAll('\n', '\n    ')}`);
  }
  console.log(`${revision}: ${countScored(results)} scored, ${count(results, false)} others`);
}

/** `passed/all` of the scenarios that count for the revision. */
export function countScored(results: ScenarioResult[]): string {
  return count(results, true);
}

function count(results: ScenarioResult[], isScored: boolean): string {
  const counted = results.filter((result) => result.isScored === isScored && judge(result) !== 'nothing checked');
  return `${counted.filter((result) => judge(result) === 'passed').length}/${counted.length}`;
}
