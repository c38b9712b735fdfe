/*
 * P3: what the guarantees of the bus cost in CPU compared with plain BullMQ with SET and PUBLISH, for caller, worker
 * and Redis together. Both use the same payloads, and rounds alternate, so that both meet the same noise.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import type { Round, Spent } from './bus-side.ts';
import { median, report } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 7);
const ROUND_MS = 2000;
const OWN_REDIS_PORT = 16_379;
const concurrencies = [1, 16, 64];
const systems = ['plain BullMQ', 'Toolplane bus'] as const;

type System = (typeof systems)[number];
type Sample = {
  cpuMs: number;
  callerCpuMs: number;
  workerCpuMs: number;
  redisCpuMs: number;
  callsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
};

const redisUrl = process.env['REDIS_URL'] ?? (await startRedis());
const redis = new Redis(redisUrl);
const keyText = `bench:${randomBytes(32).toString('base64')}`;
const sides = {
  'plain BullMQ': { worker: await startSide('plain', 'worker'), caller: await startSide('plain', 'caller') },
  'Toolplane bus': { worker: await startSide('ours', 'worker'), caller: await startSide('ours', 'caller') },
};

const samples: (Sample & { system: System; concurrency: number })[] = [];
// A warm-up compiles the code, so that no round pays for that.
for (const system of systems) await measure(system, { concurrency: 16, ms: ROUND_MS });
for (let round = 0; round < ROUNDS; round += 1) {
  for (const concurrency of concurrencies) {
    for (const system of round % 2 === 0 ? systems : systems.toReversed()) {
      samples.push({ system, concurrency, ...(await measure(system, { concurrency, ms: ROUND_MS })) });
    }
  }
}
report('bus', concurrencies.flatMap(rowsOf), { rounds: ROUNDS, roundMs: ROUND_MS, samples });
for (const { caller, worker } of Object.values(sides)) for (const side of [caller, worker]) side.disconnect();
redis.disconnect();

async function measure(system: System, round: Round): Promise<Sample> {
  const { caller, worker } = sides[system];
  const [workerBefore, redisBefore] = [await ask<number>(worker, 'usage'), await redisCpuMs()];
  const spent = await ask<Spent>(caller, round);
  const perCall = (ms: number) => ms / spent.calls;
  const callerCpuMs = perCall(spent.cpuMs);
  const workerCpuMs = perCall((await ask<number>(worker, 'usage')) - workerBefore);
  const redisShareMs = perCall((await redisCpuMs()) - redisBefore);
  return {
    cpuMs: callerCpuMs + workerCpuMs + redisShareMs,
    callerCpuMs,
    workerCpuMs,
    redisCpuMs: redisShareMs,
    callsPerSecond: (spent.calls / spent.ms) * 1000,
    p50Ms: spent.p50Ms,
    p99Ms: spent.p99Ms,
  };
}

/** The medians of the rounds; for the CPU time also the extremes and the ratio to the rival's. */
function rowsOf(concurrency: number): Record<string, string | number>[] {
  const valuesOf = (system: System, figure: keyof Sample) =>
    samples
      .filter((sample) => sample.system === system && sample.concurrency === concurrency)
      .map((sample) => sample[figure]);
  return systems.map((system) => {
    const cpu = valuesOf(system, 'cpuMs');
    const middle = (figure: keyof Sample, digits: number) => Number(median(valuesOf(system, figure)).toFixed(digits));
    return {
      concurrency,
      system,
      'cpu ms/call': middle('cpuMs', 3),
      'min-max': `${Math.min(...cpu).toFixed(3)}-${Math.max(...cpu).toFixed(3)}`,
      caller: middle('callerCpuMs', 3),
      worker: middle('workerCpuMs', 3),
      redis: middle('redisCpuMs', 3),
      'calls/s': middle('callsPerSecond', 0),
      'p50 ms': middle('p50Ms', 2),
      'p99 ms': middle('p99Ms', 1),
      ratio: (median(cpu) / median(valuesOf('plain BullMQ', 'cpuMs'))).toFixed(2),
    };
  });
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

async function startSide(system: 'ours' | 'plain', side: 'caller' | 'worker'): Promise<ChildProcess> {
  const child = fork(new URL('bus-side.ts', import.meta.url), [system, side, redisUrl, keyText]);
  await once(child, 'message');
  return child;
}

async function startRedis(): Promise<string> {
  const settings = ['--port', String(OWN_REDIS_PORT), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => server.kill());
  server.unref();
  for await (const chunk of server.stdout) if (String(chunk).includes('Ready to accept')) break;
  return `redis://127.0.0.1:${OWN_REDIS_PORT}`;
}
