import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Runs the official conformance suite as anybody would: its command line in a separate process. */

const SET_MS_MAX = 120_000;

export type ScenarioResult = {
  scenario: string;
  /** Whether the scenario counts for the revision; the others are extensions, or newer than the revision. */
  isScored: boolean;
  passed: number;
  failed: number;
  warnings: number;
  /**
   * Whether a check of the scenario itself passed: the suite adds a check of the message schemas to most scenarios,
   * which proves little on its own.
   */
  hasProof: boolean;
  /** The suite's messages about each check that failed or warned. */
  problems: string[];
};

/** The authorization URL in the output, which the suite asks a person to open. */
const AUTHORIZATION = /^https?:\S+[?&]code_challenge=\S+(?=\n)/m;

type Check = { id: string; name: string; status: string; errorMessage?: string };

/** Runs all scenarios that the suite knows for a revision: those it scores and those it only reports. */
export function runRequirements(revision: string, url: string): Promise<ScenarioResult[]> {
  return withFolder(async (folder) => {
    const output = await runCommandLine(['server', '--url', url, '--requirements', revision, '-o', folder]);
    return readResults(output, readChecks(folder));
  });
}

/** The scenarios for clients that the suite scores for a revision and whose names begin with the prefix. */
export async function listClientScenarios(revision: string, prefix: string): Promise<string[]> {
  const output = await runCommandLine(['list', '--requirements', revision]);
  const [scored = ''] = output.slice(output.indexOf('Client scenarios')).split('never scored');
  const scenarios = [...scored.matchAll(/^ {2}- (\S+)$/gm)].map(([, scenario = '']) => scenario);
  return scenarios.filter((scenario) => scenario.startsWith(prefix));
}

/** Runs one scenario for clients. `command` is followed by the URL of the server that the suite plays. */
export function runClientScenario(revision: string, scenario: string, command: string): Promise<ScenarioResult> {
  return withFolder(async (folder) => {
    const which = ['--scenario', scenario, '--spec-version', revision];
    const output = await runCommandLine(['client', '--command', command, ...which, '-o', folder]);
    const [checks = []] = globSync('**/checks.json', { cwd: folder }).map((file) => parseChecks(join(folder, file)));
    const result = toResult(scenario, checks, count(checks, 'SUCCESS'), count(checks, 'FAILURE'));
    if (output.includes('OVERALL: PASSED') || result.failed > 0) return result;
    return { ...result, failed: 1, problems: [...result.problems, `the client: ${output.slice(-2000)}`] };
  });
}

async function withFolder<Result>(run: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'toolplane-conformance-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs the scenarios for authorization servers, in which the caller plays the person: `visit` gets the URL that a
 * client would open in the person's browser, and returns when the person is done.
 */
export async function runAuthorization(options: {
  issuer: string;
  clientId: string;
  resource: string;
  /** The port at which the suite waits for the browser to return. */
  port: number;
  visit(url: string): Promise<void>;
}): Promise<ScenarioResult[]> {
  const { issuer, clientId, resource, port, visit } = options;
  const folder = mkdtempSync(join(tmpdir(), 'toolplane-conformance-'));
  const given = ['--url', issuer, '--client-id', clientId, '--resource', resource, '--port', String(port)];
  try {
    const output = await runCommandLine(['authorization', ...given, '-o', folder], visit);
    return readResults(output, readChecks(folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runCommandLine(
  programArguments: string[],
  visit: (url: string) => Promise<void> = async () => {},
): Promise<string> {
  const program = createRequire(import.meta.url).resolve('@modelcontextprotocol/conformance/package.json');
  const child = spawn(process.execPath, [join(dirname(program), 'dist/index.js'), ...programArguments], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SET_MS_MAX,
    killSignal: 'SIGKILL',
  });
  let output = '';
  const visiting: Promise<void>[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      const before = output;
      output += text;
      const url = AUTHORIZATION.exec(output)?.[0];
      if (url !== undefined && !AUTHORIZATION.test(before)) visiting.push(visit(url));
    });
  }
  const [, signal] = await once(child, 'close');
  await Promise.all(visiting);
  if (signal !== null) throw new Error(`the conformance suite did not end within ${SET_MS_MAX / 1000} s`);
  return output;
}

/** The summary names every scenario, even one that crashed and left no checks. */
function readResults(output: string, checksOf: Map<string, Check[]>): ScenarioResult[] {
  const summary = output.slice(output.lastIndexOf('=== SUMMARY ==='));
  const notScored = new Set([...summary.matchAll(/^ {2}[✓✗] (\S+) \(/gm)].map(([, scenario]) => scenario));
  const results = [...summary.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed$/gm)].map((line) => {
    const [, scenario = '', passed, failed] = line;
    const result = toResult(scenario, checksOf.get(scenario) ?? [], Number(passed), Number(failed));
    return { ...result, isScored: !notScored.has(scenario) };
  });
  if (results.length === 0) throw new Error(`the conformance suite gave no summary:\n${output.slice(-2000)}`);
  return results;
}

function toResult(scenario: string, checks: Check[], passed: number, failed: number): ScenarioResult {
  const problems = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
  return {
    scenario,
    isScored: true,
    passed,
    failed,
    warnings: count(checks, 'WARNING'),
    hasProof: checks.some(({ id, status }) => status === 'SUCCESS' && id !== 'wire-schema-valid'),
    problems: problems.map(({ id, errorMessage = '' }) => `${id}: ${errorMessage}`),
  };
}

function count(checks: Check[], asked: string): number {
  return checks.filter(({ status }) => status === asked).length;
}

/** Reads the `server-<scenario>-<time>/checks.json` of each scenario. */
function readChecks(folder: string): Map<string, Check[]> {
  const files = globSync('*/checks.json', { cwd: folder });
  return new Map(
    files.map((file) => {
      const scenario = basename(dirname(file)).replace(/^(?:authorization-)?server-|-\d{4}-\d\d-\d\dT[\d-]+Z$/g, '');
      return [scenario, parseChecks(join(folder, file))];
    }),
  );
}

function parseChecks(file: string): Check[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Check[];
}
