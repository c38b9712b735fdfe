/*
 * Capacity: what a call costs each service, hence how many calls per second one core carries, and how much memory the
 * service uses meanwhile. The results are for the table in docs/operations/guide.md. The upstream takes 20 ms, and 64
 * calls are in flight, as in busy services.
 */
import { deployServer, startPlatform } from '../src/platform.ts';
import { itemCall, itemDocument } from './item-tool.ts';
import { closedLoop, cpuMsOf, createPoster, median, mibOf, report, startProgram } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const CALLS = 6000;
const CONCURRENCY = 64;
const WARM_UP_CALLS = 10_000;
const UPSTREAM_MS = 20;

await using platform = await startPlatform({
  TENANT_IN_FLIGHT_MAX: '200',
  REQUESTS_PER_CALLER_PER_SECOND: '1000000',
  REQUESTS_PER_ORGANIZATION_PER_SECOND: '2000000',
});
const upstream = await startProgram(new URL('rivals/upstream.ts', import.meta.url), [String(UPSTREAM_MS)]);
const url = `http://127.0.0.1:${upstream.firstLine}`;
const secrets = { BENCH_KEY: { value: 'bench-secret-0123456789', hosts: [new URL(url).host] } };
const pids = {
  edge: platform.service('edge').pid(),
  'data plane': platform.service('data-plane').pid(),
  Redis: platform.redisPid(),
};
const rows = [];
for (const steps of [1, 3]) {
  const server = await deployServer(platform, `capacity-${steps}`, itemDocument(url, steps), secrets);
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = createPoster(server.url, { ...headers, 'x-api-key': platform.apiKey }, 'item ');
  const send = (n: number) => post(itemCall(n));
  await closedLoop(send, CONCURRENCY, WARM_UP_CALLS);
  const samples = Object.entries(pids).map(([service, pid]) => ({ service, pid, cpuMs: [] as number[], mib: 0 }));
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = samples.map(({ pid }) => cpuMsOf(pid));
    const { failed } = await closedLoop(send, CONCURRENCY, CALLS);
    if (failed > 0) throw new Error(`${failed} calls failed`);
    for (const [index, sample] of samples.entries()) {
      sample.cpuMs.push((cpuMsOf(sample.pid) - (before[index] ?? 0)) / CALLS);
      sample.mib = Math.max(sample.mib, mibOf(sample.pid));
    }
  }
  for (const { service, cpuMs, mib } of samples) {
    const perCall = median(cpuMs);
    rows.push({
      steps,
      service,
      'CPU ms/call': Math.round(perCall * 1000) / 1000,
      'calls/s of a core': Math.round(1000 / perCall),
      'memory MiB': mib,
    });
  }
}
upstream.child.kill();
report('capacity', rows, { rounds: ROUNDS, callsPerRound: CALLS });
