/*
 * P8: an organization floods the platform with 1,500 calls at once from 27 workspaces; the latency of another
 * organization meanwhile is compared with its latency while the first one is quiet. The calls of the flood are short,
 * or their upstream never answers. Rounds alternate. All limits have their defaults.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deployServer, startPlatform } from '../src/platform.ts';
import { createTenant, createWorkspace } from '../src/workspaces.ts';
import { itemCall, itemDocument } from './item-tool.ts';
import { createPoster, median, medianRatio, openLoop, percentile, report, startProgram } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const UPSTREAM_MS = 20;
const PER_SECOND = 50;
const CALLS = 500;
const WARM_UP_CALLS = 2000;
const WORKSPACES = 27;

await using platform = await startPlatform();
const programs = new URL('rivals/', import.meta.url);
const upstream = await startProgram(new URL('upstream.ts', programs), [String(UPSTREAM_MS)]);
const url = `http://127.0.0.1:${upstream.firstLine}`;
const silent = createServer(() => {}).listen(0, '127.0.0.1');
await once(silent, 'listening');
const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
const [short, hanging]: { url: string; apiKey: string }[][] = [[], []];
for (let n = 0; n < WORKSPACES; n += 1) {
  const { apiKey, rest } = await createWorkspace(platform, `Flood ${n}`);
  for (const [targets, to] of [
    [short, url],
    [hanging, silentUrl],
  ] as const) {
    targets?.push({ url: (await deploy({ ...platform, apiKey, rest }, to)).url, apiKey });
  }
}
const quiet = await createTenant(platform, 'Quiet');
const server = await deploy({ ...platform, apiKey: quiet.apiKey, rest: quiet.rest });
const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': quiet.apiKey };
const post = createPoster(server.url, headers, 'item ');
const send = (n: number) => post(itemCall(n));
await openLoop(send, 200, WARM_UP_CALLS);

const paces = ['quiet', 'second', 'always', 'hanging'];
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
silent.close();
silent.closeAllConnections();

const names: Record<string, string> = {
  quiet: 'nobody floods',
  second: '1,500 calls at once, each second',
  always: '1,500 calls at once, again as soon as answered',
  hanging: 'the same, and their upstream never answers',
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
  `P8: by ${WORKSPACES} workspaces; another organization's ${PER_SECOND} calls/s with a ${UPSTREAM_MS} ms upstream (goal: p99 ≤ 2 × its quiet p99)`,
);
report('flood', rows, { rounds: ROUNDS, calls: CALLS });

function measure() {
  return openLoop(send, PER_SECOND, CALLS);
}

async function whileFlooded<Result>(pace: string, run: () => Promise<Result>): Promise<Result> {
  const { child } = await startProgram(new URL('flooder.ts', programs), [
    JSON.stringify(pace === 'hanging' ? hanging : short),
    pace === 'second' ? 'second' : 'always',
  ]);
  try {
    return await run();
  } finally {
    child.kill();
    await once(child, 'exit');
  }
}

function deploy(tenant: typeof platform, to = url) {
  const secrets = { BENCH_KEY: { value: 'bench-secret-0123456789', hosts: [new URL(to).host] } };
  return deployServer(tenant, to === url ? 'items' : 'silent-items', itemDocument(to), secrets);
}
