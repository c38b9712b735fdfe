/*
 * P3: what the promises of the bus cost. Ours against plain BullMQ with SET and PUBLISH, same payloads, same machine,
 * alternating. The robust figure is the CPU time per call of caller, worker and Redis together.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { Redis } from 'ioredis';
import type { Round, Spent } from './bus-side.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const ROUND_MS = Number(process.env['BENCH_ROUND_MS'] ?? 2000);
const CONCURRENCIES = [1, 16, 64];
const PORT = 6397;
const systems = ['plain', 'ours'] as const;

type System = (typeof systems)[number];
type Sample = {
  callerCpuMs: number;
  workerCpuMs: number;
  redisCpuMs: number;
  cpuMs: number;
  callsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
};

const redisUrl = process.env['REDIS_URL'] ?? (await startRedis());
const redis = new Redis(redisUrl);
const keyText = `bench:${randomBytes(32).toString('base64')}`;
const sides = {
  plain: { worker: await startSide('plain', 'worker'), caller: await startSide('plain', 'caller') },
  ours: { worker: await startSide('ours', 'worker'), caller: await startSide('ours', 'caller') },
};

const samples = new Map<string, Sample[]>();
for (const system of systems) await measure(system, { concurrency: 16, ms: 1500 }); // warm-up
for (let round = 0; round < ROUNDS; round++) {
  for (const concurrency of CONCURRENCIES) {
    for (const system of round % 2 === 0 ? systems : systems.toReversed()) {
      const name = `${system} ${concurrency}`;
      samples.set(name, [...(samples.get(name) ?? []), await measure(system, { concurrency, ms: ROUND_MS })]);
    }
  }
}
report();
await writeResults();
for (const { caller, worker } of Object.values(sides)) for (const side of [caller, worker]) side.disconnect();
redis.disconnect();
process.exit(0);

async function measure(system: System, round: Round): Promise<Sample> {
  const { caller, worker } = sides[system];
  const [workerBefore, redisBefore] = [await ask<number>(worker, 'usage'), await redisCpuMs()];
  const spent = await ask<Spent>(caller, round);
  const workerCpuMs = ((await ask<number>(worker, 'usage')) - workerBefore) / spent.calls;
  const redisShareMs = ((await redisCpuMs()) - redisBefore) / spent.calls;
  const callerCpuMs = spent.cpuMs / spent.calls;
  return {
    ...{ callerCpuMs, workerCpuMs, redisCpuMs: redisShareMs, cpuMs: callerCpuMs + workerCpuMs + redisShareMs },
    ...{ callsPerSecond: (spent.calls / spent.ms) * 1000, p50Ms: spent.p50Ms, p99Ms: spent.p99Ms },
  };
}

async function ask<Answer>(side: ChildProcess, message: Round | 'usage'): Promise<Answer> {
  side.send(message);
  const [answer] = await once(side, 'message');
  return answer;
}

async function redisCpuMs(): Promise<number> {
  const cpu = await redis.info('cpu');
  const seconds = (name: string) => Number(new RegExp(`${name}:([\\d.]+)`).exec(cpu)?.[1]);
  return (seconds('used_cpu_user') + seconds('used_cpu_sys')) * 1000;
}

function report(): void {
  console.log(
    `P3 bus: CPU ms per call = caller + worker + Redis; ${ROUNDS} rounds of ${ROUND_MS} ms, median (min-max)`,
  );
  for (const concurrency of CONCURRENCIES) {
    const plain = samples.get(`plain ${concurrency}`) ?? [];
    const ours = samples.get(`ours ${concurrency}`) ?? [];
    const ratio = median(ours.map(({ cpuMs }) => cpuMs)) / median(plain.map(({ cpuMs }) => cpuMs));
    console.log(`\nconcurrency ${concurrency}: ratio ${ratio.toFixed(2)}`);
    console.log(`  plain  ${describe(plain)}`);
    console.log(`  ours   ${describe(ours)}`);
  }
}

function describe(list: Sample[]): string {
  const of = (name: keyof Sample) => list.map((sample) => sample[name]);
  const spread = (name: keyof Sample, digits: number) =>
    `${median(of(name)).toFixed(digits)} (${Math.min(...of(name)).toFixed(digits)}-${Math.max(...of(name)).toFixed(digits)})`;
  return `cpu ${spread('cpuMs', 3)} = ${median(of('callerCpuMs')).toFixed(3)} + ${median(of('workerCpuMs')).toFixed(3)} + ${median(of('redisCpuMs')).toFixed(3)} | calls/s ${spread('callsPerSecond', 0)} | p50 ${median(of('p50Ms')).toFixed(2)} p99 ${median(of('p99Ms')).toFixed(1)}`;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function writeResults(): Promise<void> {
  const folder = new URL('results/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  const results = { bench: 'bus', at: new Date().toISOString(), machine, samples: Object.fromEntries(samples) };
  await writeFile(new URL('bus.json', folder), `${JSON.stringify(results, null, 2)}\n`);
}

async function startSide(system: System, side: 'caller' | 'worker'): Promise<ChildProcess> {
  const child = fork(new URL('bus-side.ts', import.meta.url), [system, side, redisUrl, keyText], {
    execArgv: ['--conditions=toolplane-source', ...(process.env['BENCH_EXEC_ARGV']?.split(' ') ?? [])],
  });
  await once(child, 'message');
  return child;
}

async function startRedis(): Promise<string> {
  const server = spawn('redis-server', ['--port', String(PORT), '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.on('exit', () => server.kill());
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept')) break;
  return `redis://127.0.0.1:${PORT}`;
}
