/*
 * P1 and P2: a whole tool call through edge, Redis and data plane, without and with a policy, compared with a bare
 * single-process server of the official SDK that makes the same upstream call. Rounds alternate, so that all systems
 * meet the same noise.
 */
import { deployServer, startPlatform } from '../src/platform.ts';
import { itemCall, itemDocument } from './item-tool.ts';
import {
  closedLoop,
  cpuMsOf,
  createPoster,
  median,
  medianRatio,
  openLoop,
  percentile,
  report,
  startProgram,
} from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 9);
/**
 * The number of calls is large enough that garbage collection after each pause, while the rival runs, is a small part
 * of a round, and small enough that the machine behaves the same during a round.
 */
const callsPerRound = (concurrency: number) => (concurrency === 1 ? 1000 : 3000);
/**
 * Calls until the optimizing compiler has finished with all three processes of the platform; a shorter warm-up would
 * measure the compiler.
 */
const WARM_UP_CALLS = 20_000;
const concurrencies = [64, 16, 8, 4, 1];

type System = {
  name: string;
  send: (n: number) => Promise<boolean>;
  cpuMs: () => number;
};

const programs = new URL('rivals/', import.meta.url);
/** A policy of 20 rules: each call is checked against all of them, and none applies to it. */
const policy = {
  unmatched: 'allow',
  rules: Array.from({ length: 20 }, (_, index) => ({
    id: `rule-${index}`,
    effect: 'deny',
    tools: { names: ['get_*'] },
    ...(index % 2 === 0
      ? { callers: { users: [`user-${index}`] } }
      : { arguments: { properties: { number: { minimum: 1_000_000 + index } }, required: ['number'] } }),
  })),
};

const delays = { P1: 0, P2: 20 };
await using platform = await startPlatform({
  TENANT_IN_FLIGHT_MAX: '200',
  REQUESTS_PER_CALLER_PER_SECOND: '1000000',
  REQUESTS_PER_ORGANIZATION_PER_SECOND: '2000000',
});

for (const [goal, delayMs] of Object.entries(delays)) {
  const upstream = await startProgram(new URL('upstream.ts', programs), [String(delayMs)]);
  const upstreamUrl = `http://127.0.0.1:${upstream.firstLine}`;
  const rival = await startProgram(new URL('bare-sdk-server.ts', programs), [upstreamUrl]);
  const secrets = { BENCH_KEY: { value: 'bench-secret-0123456789', hosts: [new URL(upstreamUrl).host] } };
  const deploy = (name: string) =>
    deployServer(platform, `bench-${goal.toLowerCase()}${name}`, itemDocument(upstreamUrl), secrets);
  const server = await deploy('');
  const ruled = await deploy('-policy');
  await platform.rest.call('PUT', `/mcp-servers/${ruled.id}/policy`, { policy });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const postToolplane = createPoster(server.url, { ...headers, 'x-api-key': platform.apiKey }, 'item ');
  const postRuled = createPoster(ruled.url, { ...headers, 'x-api-key': platform.apiKey }, 'item ');
  const postRival = createPoster(`http://127.0.0.1:${rival.firstLine}/mcp`, headers, 'item ');
  const pids = [platform.service('edge').pid(), platform.service('data-plane').pid(), platform.redisPid()];
  const cpuMs = () => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  const systems: System[] = [
    { name: 'toolplane', send: (n) => postToolplane(itemCall(n)), cpuMs },
    { name: 'toolplane, 20 rules', send: (n) => postRuled(itemCall(n)), cpuMs },
    { name: 'bare SDK v1', send: (n) => postRival(itemCall(n)), cpuMs: () => cpuMsOf(rival.child.pid as number) },
  ];
  for (const { send } of systems) await closedLoop(send, 64, WARM_UP_CALLS);
  if (goal === 'P1') await measureCpu(systems);
  else await measureLatency(systems);
  rival.child.kill();
  upstream.child.kill();
}

async function measureCpu(systems: System[]): Promise<void> {
  const rows = [];
  for (const concurrency of concurrencies) {
    const samples = systems.map(({ name }) => ({
      name,
      cpuMs: [] as number[],
      perSecond: [] as number[],
      p50Ms: [] as number[],
    }));
    const calls = callsPerRound(concurrency);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, { name, send, cpuMs }] of systems.entries()) {
        const before = cpuMs();
        const result = await closedLoop(send, concurrency, calls);
        if (result.failed > 0) throw new Error(`${name}: ${result.failed} calls failed`);
        const sample = samples[index];
        sample?.cpuMs.push((cpuMs() - before) / calls);
        sample?.perSecond.push(calls / (result.elapsedMs / 1000));
        sample?.p50Ms.push(median(result.latenciesMs));
      }
    }
    const rivalCpuMs = samples.at(-1)?.cpuMs ?? [];
    for (const { name, cpuMs, perSecond, p50Ms } of samples) {
      rows.push({
        concurrency,
        system: name,
        'CPU ms/call': round(median(cpuMs)),
        min: round(Math.min(...cpuMs)),
        max: round(Math.max(...cpuMs)),
        'calls/s': Math.round(median(perSecond)),
        'p50 ms': round(median(p50Ms)),
        'CPU ratio': medianRatio(cpuMs, rivalCpuMs),
      });
    }
  }
  console.log('P1: CPU of edge + Redis + data plane per call, against a bare SDK v1 server (goal: ratio ≤ 1.0)');
  report('call-cpu', rows, { rounds: ROUNDS, callsPerRound: callsPerRound(64) });
}

async function measureLatency(systems: System[]): Promise<void> {
  const samples = systems.map(({ name }) => ({ name, loneP50Ms: [] as number[], openP99Ms: [] as number[] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, { send }] of systems.entries()) {
      samples[index]?.loneP50Ms.push(median((await closedLoop(send, 1, 200)).latenciesMs));
      samples[index]?.openP99Ms.push(percentile((await openLoop(send, 50, 500)).latenciesMs, 0.99));
    }
  }
  const rival = samples.at(-1);
  const rows = samples.map(({ name, loneP50Ms, openP99Ms }) => ({
    system: name,
    'lone p50 ms': round(median(loneP50Ms)),
    'above rival': round(median(loneP50Ms) - median(rival?.loneP50Ms ?? [])),
    'p99 ms at 50/s': round(median(openP99Ms)),
    'p99 above rival': round(median(openP99Ms) - median(rival?.openP99Ms ?? [])),
  }));
  console.log('P2: latency with a 20 ms upstream (goals: lone p50 ≤ + 3 ms, p99 at 50 calls/s ≤ + 25 ms)');
  report('call-latency', rows, { rounds: ROUNDS });
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
