import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '@toolplane/local/services';
import type { Campaign } from './campaign.ts';
import { findInjection } from './excuses.ts';
import type { ClientOutcome, FaultInjection } from './journal.ts';
import { type Options, toCommand } from './options.ts';
import { type InvariantViolation, invariants } from './violation.ts';

/** The number of violations shown for each invariant; the others are only counted. */
const VIOLATIONS_SHOWN_MAX = 5;

const columns = ['done', 'not_started', 'unknown', 'others'] as const;
type Row = { fault: string; injections: number; calls: number; violations: number } & Record<
  (typeof columns)[number],
  number
>;

const columnOf: Readonly<Record<ClientOutcome, (typeof columns)[number]>> = {
  done: 'done',
  failed: 'done',
  not_started: 'not_started',
  unknown: 'unknown',
  refused: 'others',
  lost: 'others',
  unreached: 'others',
  left: 'others',
};

/** One row per fault with its injections, calls, outcomes and violations. A pair counts for both of its faults. */
function toRows({ attempts, injections }: Campaign, violations: readonly InvariantViolation[]): Row[] {
  const rows = new Map<string, Row>();
  const rowOf = (fault: string) => {
    const row = rows.get(fault) ?? {
      fault,
      injections: 0,
      calls: 0,
      done: 0,
      not_started: 0,
      unknown: 0,
      others: 0,
      violations: 0,
    };
    rows.set(fault, row);
    return row;
  };
  const namesOf = (injection: FaultInjection | undefined) => injection?.faults ?? ['none'];
  for (const { faults } of injections) for (const fault of faults) rowOf(fault).injections += 1;
  for (const { sentAt, endedAt, reported } of attempts) {
    for (const fault of namesOf(findInjection(injections, { from: sentAt, to: endedAt }))) {
      const row = rowOf(fault);
      row.calls += 1;
      row[columnOf[reported]] += 1;
    }
  }
  for (const violation of violations) {
    for (const fault of namesOf(findInjection(injections, violation))) rowOf(fault).violations += 1;
  }
  return [...rows.values()].toSorted((one, other) => one.fault.localeCompare(other.fault));
}

export function printReport(campaign: Campaign, violations: readonly InvariantViolation[], options: Options): void {
  console.log();
  console.table(toRows(campaign, violations).map(({ fault, ...numbers }) => ({ fault, ...numbers })));
  for (const [ending, count] of countEndings(campaign)) console.log(`${String(count).padStart(7)}  ${ending}`);
  for (const { what, before, after, allowed, unit } of campaign.levels) {
    console.log(`${what}: ${before} ${unit} before, ${after} after (at most ${allowed})`);
  }
  for (const [invariant, text] of Object.entries(invariants)) {
    const broken = violations.filter((violation) => violation.invariant === invariant);
    console.log(
      `${broken.length === 0 ? '✓' : '✗'} ${text}${broken.length === 0 ? '' : `: ${broken.length} violations`}`,
    );
    for (const violation of broken.slice(0, VIOLATIONS_SHOWN_MAX)) printViolation(campaign, violation);
  }
  console.log(`\n${toSummary(campaign, violations, options)}`);
  console.log(`repeat it: ${toCommand(options)}`);
}

/** What clients were told, with error codes; the most frequent first. */
function countEndings({ attempts }: Campaign): [string, number][] {
  const endings = Map.groupBy(attempts, ({ reported, code }) =>
    code === undefined ? reported : `${reported}, ${code}`,
  );
  return [...endings]
    .map(([ending, those]): [string, number] => [ending, those.length])
    .toSorted(([, one], [, other]) => other - one);
}

function printViolation({ injections, startedAt }: Campaign, violation: InvariantViolation): void {
  const injection = findInjection(injections, violation);
  const at = (ms: number) => `${((ms - startedAt) / 1000).toFixed(1)} s`;
  console.log(`  ✗ ${violation.what}`);
  for (const line of violation.evidence) console.log(`      ${line}`);
  // A violation of `healthy` names its injection itself.
  if (injection === undefined || violation.invariant === 'healthy') return;
  const { faults, from, to, notes } = injection;
  console.log(`      during ${faults.join(' + ')}, ${at(from)} to ${at(to)}; the call began at ${at(violation.from)}`);
  for (const note of notes) console.log(`      ${note}`);
}

function toSummary(
  { attempts, injections, requests, rate, heldBack }: Campaign,
  violations: readonly InvariantViolation[],
  options: Options,
): string {
  const calls = new Set(attempts.map(({ call }) => call)).size;
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return [
    `${calls} calls in ${attempts.length} attempts, ${requests.length} requests at the upstream, ${injections.length} injections`,
    `${violations.length} violations; seed ${options.seed}, ${options.minutes} minutes, ${rate} calls/s at the end${heldBack === 0 ? '' : `, ${heldBack} calls not made because too many were under way`}; ${machine}, Node ${process.version}`,
  ].join('\n');
}

const block = /(?<=<!-- faults -->\n).*?(?=<!-- \/faults -->)/s;

/** The figures in the reference are never typed by hand: a run writes the block between these comments. */
export function writeReference(campaign: Campaign, violations: readonly InvariantViolation[], options: Options): void {
  const file = join(projectFolder, 'docs', 'reference', 'tool-calls.md');
  writeFileSync(file, readFileSync(file, 'utf8').replace(block, toMarkdown(campaign, violations, options)));
}

function toMarkdown(campaign: Campaign, violations: readonly InvariantViolation[], options: Options): string {
  const header = ['Fault', 'Injections', 'Calls', ...columns.map((name) => `\`${name}\``), 'Violations'];
  const cells = toRows(campaign, violations).map((row) => [
    row.fault,
    row.injections,
    row.calls,
    ...columns.map((name) => row[name]),
    row.violations,
  ]);
  const table = [header, header.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`);
  return [toSummary(campaign, violations, options).replace('\n', '; '), '', ...table, ''].join('\n');
}
