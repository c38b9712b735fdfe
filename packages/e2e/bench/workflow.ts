/*
 * P5: a three-step Arazzo workflow through edge, Redis and data plane, compared with Redocly Respect with the same
 * document and the same API. Respect runs a document once and ends: it is measured as it is used, with one workflow,
 * and also by the time of each further step of a document with many workflows, without its start.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deployServer, startPlatform } from '../src/platform.ts';
import { closedLoop, cpuMsOf, createPoster, median, report, startProgram } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
const STEPS = 3;
const CALLS_PER_ROUND = 1500;
const RESPECT_WORKFLOWS = 300;
const AT_ONCE = 16;
const WARM_UP_CALLS = 4000;

const upstream = await startProgram(new URL('rivals/upstream.ts', import.meta.url), ['0']);
const upstreamUrl = `http://127.0.0.1:${upstream.firstLine}`;

const openApi = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Items', version: '1.0.0' },
  servers: [{ url: upstreamUrl }],
  paths: {
    '/items/{number}': {
      get: {
        operationId: 'getItem',
        parameters: [{ name: 'number', in: 'path', required: true, schema: { type: 'integer' } }],
        responses: {
          200: {
            description: 'The item',
            content: {
              'application/json': {
                // Respect also validates each response against its schema, and rejects properties that are not in the
                // schema.
                schema: {
                  type: 'object',
                  properties: Object.fromEntries(['number', 'name', 'price', 'note'].map((name) => [name, {}])),
                },
              },
            },
          },
        },
      },
    },
  },
});

function toArazzo(workflows: number): string {
  const step = (stepId: string, value: unknown) => ({
    stepId,
    operationId: 'getItem',
    parameters: [{ name: 'number', in: 'path', value }],
    successCriteria: [{ condition: '$statusCode == 200' }, { condition: '$response.body#/number >= 0' }],
    outputs: { price: '$response.body#/price' },
  });
  return JSON.stringify({
    arazzo: '1.0.1',
    info: { title: 'Items', version: '1.0.0' },
    sourceDescriptions: [{ name: 'items', url: './openapi.json', type: 'openapi' }],
    workflows: Array.from({ length: workflows }, (_, index) => ({
      workflowId: `prices-${index}`,
      description: 'Get an item, the item of its price and the item of that price.',
      steps: [
        step('first', 1),
        step('second', '$steps.first.outputs.price'),
        step('third', '$steps.second.outputs.price'),
      ],
      outputs: { price: '$steps.third.outputs.price' },
    })),
  });
}

const toolplane = { stepsPerSecond: [] as number[], cpuMsPerStep: [] as number[], dataPlaneMsPerStep: [] as number[] };
const respect = { stepsPerSecond: [] as number[], cpuMsPerStep: [] as number[] };
const respectOnce = { stepsPerSecond: [] as number[], cpuMsPerStep: [] as number[] };
const plain = { stepsPerSecond: [] as number[], cpuMsPerStep: [] as number[] };

await using platform = await startPlatform({
  TENANT_IN_FLIGHT_MAX: '200',
  REQUESTS_PER_CALLER_PER_SECOND: '1000000',
  REQUESTS_PER_ORGANIZATION_PER_SECOND: '2000000',
});
const server = await deployServer(
  platform,
  'bench-workflow',
  toArazzo(1),
  {},
  {
    references: [{ name: 'items', content: openApi, location: './openapi.json' }],
  },
);
const post = createPoster(
  server.url,
  { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': platform.apiKey },
  '\\"price\\":27',
);
const body = (id: number) =>
  JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'prices-0', arguments: {} } });
const dataPlane = platform.service('data-plane').pid();
const pids = [platform.service('edge').pid(), dataPlane, platform.redisPid()];
const cpuMs = () => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);

const folder = mkdtempSync(join(tmpdir(), 'toolplane-bench-'));
writeFileSync(join(folder, 'openapi.json'), openApi);
writeFileSync(join(folder, 'one.arazzo.json'), toArazzo(1));
writeFileSync(join(folder, 'many.arazzo.json'), toArazzo(1 + RESPECT_WORKFLOWS));
try {
  await closedLoop((n) => post(body(n)), AT_ONCE, WARM_UP_CALLS);
  for (let round = 0; round < ROUNDS; round += 1) {
    await measureToolplane();
    await measureRespect();
    await measurePlain();
  }
} finally {
  rmSync(folder, { recursive: true });
  upstream.child.kill();
}
const rows = Object.entries({
  toolplane,
  'Redocly Respect, one run': respectOnce,
  'Redocly Respect, further steps': respect,
  'plain fetch': plain,
}).map(([system, figures]) => ({
  system,
  'steps/s': Math.round(median(figures.stepsPerSecond)),
  'CPU ms/step': round3(median(figures.cpuMsPerStep)),
  min: round3(Math.min(...figures.cpuMsPerStep)),
  max: round3(Math.max(...figures.cpuMsPerStep)),
  'steps/s against it': round3(median(toolplane.stepsPerSecond) / median(figures.stepsPerSecond)),
}));
console.log('P5: goals ≥ 400 steps/s per data plane, ≤ 3 ms CPU per step above the HTTP call, ≥ 10 × Respect');
console.log(`CPU of the data plane alone: ${round3(median(toolplane.dataPlaneMsPerStep))} ms per step`);
report('workflow', rows, { rounds: ROUNDS, callsPerRound: CALLS_PER_ROUND });

async function measureToolplane(): Promise<void> {
  const [before, dataPlaneBefore] = [cpuMs(), cpuMsOf(dataPlane)];
  const result = await closedLoop((n) => post(body(n)), AT_ONCE, CALLS_PER_ROUND);
  if (result.failed > 0) throw new Error(`${result.failed} calls failed`);
  const steps = CALLS_PER_ROUND * STEPS;
  toolplane.stepsPerSecond.push(steps / (result.elapsedMs / 1000));
  toolplane.cpuMsPerStep.push((cpuMs() - before) / steps);
  toolplane.dataPlaneMsPerStep.push((cpuMsOf(dataPlane) - dataPlaneBefore) / steps);
}

async function measureRespect(): Promise<void> {
  const one = await runRespect('one.arazzo.json');
  const many = await runRespect('many.arazzo.json');
  respectOnce.stepsPerSecond.push(STEPS / (one.elapsedMs / 1000));
  respectOnce.cpuMsPerStep.push(one.cpuMs / STEPS);
  const steps = RESPECT_WORKFLOWS * STEPS;
  respect.stepsPerSecond.push(steps / ((many.elapsedMs - one.elapsedMs) / 1000));
  respect.cpuMsPerStep.push((many.cpuMs - one.cpuMs) / steps);
}

async function runRespect(file: string): Promise<{ elapsedMs: number; cpuMs: number }> {
  const [startedAt, cpuBefore] = [performance.now(), cpuMsOfChildren()];
  const child = spawn(process.execPath, [respectProgram(), 'respect', join(folder, file)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, REDOCLY_TELEMETRY: 'off', NODE_OPTIONS: '' },
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`Respect failed: ${complaint.slice(-2000)}`);
  return { elapsedMs: performance.now() - startedAt, cpuMs: cpuMsOfChildren() - cpuBefore };
}

function respectProgram(): string {
  const manifest = createRequire(import.meta.url).resolve('@redocly/cli/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: { redocly: string } };
  return join(manifest, '..', bin.redocly);
}

/** Measures the requests alone, in this process, without expressions, criteria or isolation. */
async function measurePlain(): Promise<void> {
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  const client = async () => {
    for (let call = 0; call < CALLS_PER_ROUND / AT_ONCE; call += 1) {
      let number = 1;
      for (let step = 0; step < STEPS; step += 1) {
        const response = await fetch(`${upstreamUrl}/items/${number}`);
        number = ((await response.json()) as { price: number }).price;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  const steps = Math.ceil(CALLS_PER_ROUND / AT_ONCE) * AT_ONCE * STEPS;
  const { user, system } = process.cpuUsage(before);
  plain.stepsPerSecond.push(steps / ((performance.now() - startedAt) / 1000));
  plain.cpuMsPerStep.push((user + system) / 1000 / steps);
}

/** Milliseconds of user and system time of all child processes that have ended. */
function cpuMsOfChildren(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
