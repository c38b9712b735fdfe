import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { projectFolder } from '@toolplane/local/services';
import type { ScenarioResult } from './suite.ts';
import { countScored, judge } from './verdict.ts';

/** Results in the reference are never typed by hand: a run writes the block between these comments. */
const blocks = {
  measured: /(?<=<!-- measured -->\n).*?(?=<!-- \/measured -->)/s,
  'measured client': /(?<=<!-- measured client -->\n).*?(?=<!-- \/measured client -->)/s,
};

export type MeasuredSet = { revision: string; results: ScenarioResult[] };

/** Writes the measured results into the reference. `where` says what was measured. */
export function writeMeasuredTable(block: keyof typeof blocks, sets: MeasuredSet[], where: string): void {
  const file = join(projectFolder, 'docs', 'reference', 'conformance.md');
  writeFileSync(file, readFileSync(file, 'utf8').replace(blocks[block], toMarkdown(sets, where)));
}

function toMarkdown(sets: MeasuredSet[], where: string): string {
  const { version } = createRequire(import.meta.url)('@modelcontextprotocol/conformance/package.json');
  const scenarios = new Set(sets.flatMap(({ results }) => results.map(({ scenario }) => scenario)));
  const rows = [...scenarios].map((scenario) => {
    const cells = sets.map(({ results }) => toCell(results.find((result) => result.scenario === scenario)));
    return [scenario, ...cells];
  });
  const header = ['Scenario', ...sets.map(({ revision }) => revision)];
  const total = ['**scored**', ...sets.map(({ results }) => `**${countScored(results)}**`)];
  const table = [header, header.map(() => '---'), total, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [`Suite ${version}, ${where}.`, '', ...table, ''].join('\n');
}

function toCell(result: ScenarioResult | undefined): string {
  if (result === undefined) return '';
  if (judge(result) === 'nothing checked') return 'nothing checked';
  const checks = `${result.passed}/${result.passed + result.failed}`;
  return result.isScored ? checks : `(${checks})`;
}
