/*
 * P7: one data plane compared with two, each of which runs 10 calls at once, with an upstream that takes 100 ms: the
 * queue has to share the calls among them. Rounds alternate.
 */
import { deployServer, startPlatform } from '../src/platform.ts';
import { itemCall, itemDocument } from './item-tool.ts';
import { closedLoop, cpuMsOf, createPoster, median, medianRatio, report, startProgram } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const SLOTS = 10;
const UPSTREAM_MS = 100;
const CONCURRENCY = 64;
const CALLS = 600;
const WARM_UP_CALLS = 1000;

await using platform = await startPlatform({
  CONCURRENCY: String(SLOTS),
  TENANT_IN_FLIGHT_MAX: '200',
  REQUESTS_PER_CALLER_PER_SECOND: '1000000',
  REQUESTS_PER_ORGANIZATION_PER_SECOND: '2000000',
});
const upstream = await startProgram(new URL('rivals/upstream.ts', import.meta.url), [String(UPSTREAM_MS)]);
const url = `http://127.0.0.1:${upstream.firstLine}`;
const secrets = { BENCH_KEY: { value: 'bench-secret-0123456789', hosts: [new URL(url).host] } };
const server = await deployServer(platform, 'items', itemDocument(url), secrets);
const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-api-key': platform.apiKey };
const post = createPoster(server.url, headers, 'item ');
const send = (n: number) => post(itemCall(n));
const first = platform.service('data-plane');
const second = await platform.startReplica('data-plane');
await closedLoop(send, CONCURRENCY, WARM_UP_CALLS);

const samples = [1, 2].map((planes) => ({ planes, perSecond: [] as number[], cpuMs: [] as number[] }));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const sample of samples) {
    if (sample.planes === 1) await second.kill('SIGTERM');
    else await second.start();
    const pids = [first, second].slice(0, sample.planes).map(({ pid }) => pid());
    const before = cpuMsOfAll(pids);
    const { elapsedMs, failed } = await closedLoop(send, CONCURRENCY, CALLS);
    if (failed > 0) throw new Error(`${failed} calls failed`);
    sample.perSecond.push(CALLS / (elapsedMs / 1000));
    sample.cpuMs.push((cpuMsOfAll(pids) - before) / CALLS);
  }
}
upstream.child.kill();

const alone = samples[0]?.perSecond ?? [];
const rows = samples.map(({ planes, perSecond, cpuMs }) => ({
  'data planes': planes,
  'calls/s': Math.round(median(perSecond)),
  'ratio to one': medianRatio(perSecond, alone),
  'their slots allow': (planes * SLOTS * 1000) / UPSTREAM_MS,
  'CPU ms/call of data planes': Math.round(median(cpuMs) * 1000) / 1000,
}));
console.log(`P7: calls/s of one data plane and of two (goal: ≥ 1.7 times)`);
report('workers', rows, { rounds: ROUNDS, callsPerRound: CALLS });

function cpuMsOfAll(pids: number[]): number {
  return pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
}
