import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { projectFolder } from '@toolplane/local/services';
import type { ScenarioResult } from './suite.ts';
import { countScored, judge } from './verdict.ts';

/** Nobody types a result into the reference: the block between these is written by a run. */
const BLOCK = /(?<=<!-- measured -->\n).*?(?=<!-- \/measured -->)/s;

export type MeasuredSet = { revision: string; results: ScenarioResult[] };

/** Puts what was just measured into the reference. */
export function writeMeasuredTable(sets: MeasuredSet[], edges: number): void {
  const file = join(projectFolder, 'docs', 'reference', 'conformance.md');
  writeFileSync(file, readFileSync(file, 'utf8').replace(BLOCK, toMarkdown(sets, edges)));
}

function toMarkdown(sets: MeasuredSet[], edges: number): string {
  const { version } = createRequire(import.meta.url)('@modelcontextprotocol/conformance/package.json');
  const scenarios = new Set(sets.flatMap(({ results }) => results.map(({ scenario }) => scenario)));
  const rows = [...scenarios].map((scenario) => {
    const cells = sets.map(({ results }) => toCell(results.find((result) => result.scenario === scenario)));
    return [scenario, ...cells];
  });
  const header = ['Scenario', ...sets.map(({ revision }) => revision)];
  const total = ['**scored**', ...sets.map(({ results }) => `**${countScored(results)}**`)];
  const table = [header, header.map(() => '---'), total, ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [`Suite ${version}, ${edges === 1 ? 'one edge' : `${edges} edges`}.`, '', ...table, ''].join('\n');
}

function toCell(result: ScenarioResult | undefined): string {
  if (result === undefined) return '';
  if (judge(result) === 'nothing checked') return 'nothing checked';
  const checks = `${result.passed}/${result.passed + result.failed}`;
  return result.isScored ? checks : `(${checks})`;
}
