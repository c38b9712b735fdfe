/*
 * P8: a tenant that floods the platform with 1,500 calls at once, and the latency of another tenant meanwhile, against
 * its latency when the first one is quiet. Rounds alternate. Limits are those of the defaults.
 */
import { once } from 'node:events';
import { deployServer, startPlatform } from '../src/platform.ts';
import { createTenant } from '../src/workspaces.ts';
import { itemCall, itemDocument } from './item-tool.ts';
import { createPoster, median, medianRatio, openLoop, percentile, report, startProgram } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const UPSTREAM_MS = 20;
const PER_SECOND = 50;
const CALLS = 500;
const WARM_UP_CALLS = 2000;

await using platform = await startPlatform();
const programs = new URL('rivals/', import.meta.url);
const upstream = await startProgram(new URL('upstream.ts', programs), [String(UPSTREAM_MS)]);
const url = `http://127.0.0.1:${upstream.firstLine}`;
const flooded = await deploy(platform);
const quiet = await createTenant(platform, 'Quiet');
const server = await deploy({ ...platform, apiKey: quiet.apiKey, rest: quiet.rest });
const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': quiet.apiKey };
const post = createPoster(server.url, headers, 'item ');
const send = (n: number) => post(itemCall(n));
await openLoop(send, 200, WARM_UP_CALLS);

const paces = ['quiet', 'second', 'always'];
const samples = paces.map((pace) => ({ pace, p50: [] as number[], p99: [] as number[], failed: 0 }));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const sample of samples) {
    const { latenciesMs, failed } =
      sample.pace === 'quiet' ? await measure() : await whileFlooded(sample.pace, measure);
    sample.p50.push(median(latenciesMs));
    sample.p99.push(percentile(latenciesMs, 0.99));
    sample.failed += failed;
  }
}
upstream.child.kill();

const names: Record<string, string> = {
  quiet: 'nobody floods',
  second: '1,500 calls at once, each second',
  always: '1,500 calls at once, again as soon as answered',
};
const alone = samples[0]?.p99 ?? [];
const rows = samples.map(({ pace, p50, p99, failed }) => ({
  meanwhile: names[pace] ?? pace,
  'p50 ms': Math.round(median(p50) * 10) / 10,
  'p99 ms': Math.round(median(p99) * 10) / 10,
  'p99 ratio': medianRatio(p99, alone),
  'not done': failed,
}));
console.log(
  `P8: another tenant's ${PER_SECOND} calls/s with a ${UPSTREAM_MS} ms upstream (goal: p99 ≤ 2 × its quiet p99)`,
);
report('flood', rows, { rounds: ROUNDS, calls: CALLS });

function measure() {
  return openLoop(send, PER_SECOND, CALLS);
}

async function whileFlooded<Result>(pace: string, run: () => Promise<Result>): Promise<Result> {
  const { child } = await startProgram(new URL('flooder.ts', programs), [flooded.url, platform.apiKey, pace]);
  try {
    return await run();
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

function deploy(tenant: typeof platform) {
  const secrets = { BENCH_KEY: { value: 'bench-secret-0123456789', hosts: [new URL(url).host] } };
  return deployServer(tenant, 'items', itemDocument(url), secrets);
}
