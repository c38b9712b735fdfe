import { type CallRequest, connectBus, createCaller, createWorker } from '@toolplane/bus';
import { parseCallKeys } from '@toolplane/sealing';
import { createPlainCaller, startPlainWorker } from './rivals/plain-bus.ts';

/* One side of the benchmark, in its own process: `node bus-side.ts <ours|plain> <caller|worker> <redis url> <keys>`. */

const [system, side, redisUrl = '', keyText = ''] = process.argv.slice(2);
const REQUEST = { text: 'x'.repeat(760), number: 1, list: ['a', 'b'] };
const REPLY = { text: 'y'.repeat(1850), number: 2, list: ['a', 'b'] };
const TENANTS = 16;

export type Round = { concurrency: number; ms: number };
export type Spent = { calls: number; ms: number; cpuMs: number; p50Ms: number; p99Ms: number };

if (side === 'worker') await startWorker();
const call = side === 'caller' ? await createCall() : undefined;

process.on('message', async (message: Round | 'usage') => {
  if (message === 'usage') process.send?.(cpuMs());
  else if (call !== undefined) process.send?.(await runRound(call, message));
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function startWorker(): Promise<void> {
  if (system === 'plain') return startPlainWorker(redisUrl, async () => REPLY);
  const worker = await createWorker({
    bus: connectBus({ redisUrl }),
    queue: 'bench',
    keys: parseCallKeys(keyText),
    handle: async () => ({ ok: true, outcome: 'done', value: REPLY }),
  });
  worker.run();
}

async function createCall(): Promise<(client: number) => Promise<void>> {
  if (system === 'plain') {
    const plain = await createPlainCaller(redisUrl);
    return async () => void (await plain(REQUEST));
  }
  const caller = await createCaller({
    bus: connectBus({ redisUrl }),
    queue: 'bench',
    keys: parseCallKeys(keyText),
    tenantInFlightMax: 100,
    totalInFlightMax: 1000,
  });
  return async (client) => {
    const request: CallRequest = { tenant: `tenant-${client % TENANTS}`, body: REQUEST, deadline: Date.now() + 30_000 };
    const outcome = await caller.call(request);
    if (!outcome.ok) throw new Error(outcome.error.code);
  };
}

/** A closed loop that always keeps `concurrency` calls in flight. */
async function runRound(call: (client: number) => Promise<void>, { concurrency, ms }: Round): Promise<Spent> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  const cpuBefore = cpuMs();
  const loop = async (client: number) => {
    while (performance.now() - startedAt < ms) {
      const askedAt = performance.now();
      await call(client);
      latencies.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, client) => loop(client)));
  const spent = { calls: latencies.length, ms: performance.now() - startedAt, cpuMs: cpuMs() - cpuBefore };
  latencies.sort((a, b) => a - b);
  const percentile = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0;
  return { ...spent, p50Ms: percentile(0.5), p99Ms: percentile(0.99) };
}
