import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';

/** Starts a program of the benchmark and waits for the first line it prints. */
export async function startProgram(
  file: URL,
  programArguments: string[],
  environment: Record<string, string> = {},
): Promise<{ child: ChildProcess; firstLine: string }> {
  const child = spawn(process.execPath, ['--conditions=toolplane-source', file.pathname, ...programArguments], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    return { child, firstLine: line };
  }
  throw new Error(`${file.pathname} ended before it was ready`);
}

/**
 * Milliseconds of CPU time that a process has used so far: that of its threads that have not ended, as the scheduler
 * counts it.
 */
export function cpuMsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`);
  const ran = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ', 1));
  return ran.reduce((sum, [nanoseconds]) => sum + Number(nanoseconds) / 1e6, 0);
}

export type LoadResult = { latenciesMs: number[]; elapsedMs: number; failed: number };

/**
 * A closed loop: `concurrency` clients send their next request when they have their response, `count` requests in
 * total.
 */
export async function closedLoop(
  send: (n: number) => Promise<boolean>,
  concurrency: number,
  count: number,
): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  let next = 0;
  let failed = 0;
  const start = performance.now();
  const client = async () => {
    while (next < count) {
      const n = next++;
      const sentAt = performance.now();
      if (!(await send(n))) failed += 1;
      latenciesMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return { latenciesMs, elapsedMs: performance.now() - start, failed };
}

/** An open loop: requests are sent at a fixed rate, whenever responses arrive, so that queueing shows. */
export async function openLoop(
  send: (n: number) => Promise<boolean>,
  perSecond: number,
  count: number,
): Promise<LoadResult> {
  const latenciesMs: number[] = [];
  let failed = 0;
  const start = performance.now();
  const sent: Promise<void>[] = [];
  for (let n = 0; n < count; n += 1) {
    const dueAt = start + (n * 1000) / perSecond;
    const waitMs = dueAt - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    sent.push(
      send(n).then((ok) => {
        if (!ok) failed += 1;
        latenciesMs.push(performance.now() - dueAt);
      }),
    );
  }
  await Promise.all(sent);
  return { latenciesMs, elapsedMs: performance.now() - start, failed };
}

/** The resident memory of a process in MiB, from Linux's /proc. */
export function mibOf(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

/**
 * A client that uses little CPU itself: one keep-alive POST per call, whose response is only checked for an expected
 * text.
 */
export function createPoster(url: string, headers: Record<string, string>, expected: string) {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port, pathname } = new URL(url);
  return (body: string, path = pathname): Promise<boolean> =>
    new Promise((resolve) => {
      const outgoing = request(
        {
          hostname,
          port,
          path,
          method: 'POST',
          agent,
          headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const bytes = Buffer.concat(chunks);
            const text = response.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes;
            resolve(response.statusCode === 200 && text.includes(expected));
          });
        },
      );
      outgoing.on('error', () => resolve(false));
      outgoing.end(body);
    });
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/**
 * The median ratio of a figure to the rival's in the same round: a noisy machine affects both alike within a round, but
 * differs between rounds.
 */
export function medianRatio(values: readonly number[], rivals: readonly number[]): number {
  return Number(median(values.map((value, round) => value / (rivals[round] ?? Number.NaN))).toFixed(2));
}

/** Prints a table and stores the figures, with the machine that they come from. */
export function report(
  name: string,
  rows: Record<string, string | number>[],
  extra: Record<string, unknown> = {},
): void {
  console.table(rows);
  const folder = new URL('results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, node: process.version };
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ name, machine, rows, ...extra }, null, 2)}\n`);
}
