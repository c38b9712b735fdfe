/*
 * P1: what a request to an upstream costs a process with Node's own client and with got: the CPU time of each, without
 * the data plane's work around the request. Both keep connections alive, follow no redirects and do not retry.
 * Rounds alternate.
 */
import { Agent, request } from 'node:http';
import got from 'got';
import { closedLoop, median, medianRatio, report, startProgram } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const REQUESTS = 5000;
const CONCURRENCY = 16;

const upstream = await startProgram(new URL('rivals/upstream.ts', import.meta.url), []);
const url = `http://127.0.0.1:${upstream.firstLine}/items/7`;
const headers = { accept: 'application/json', authorization: 'Bearer bench-secret-0123456789' };

const agents = { node: new Agent({ keepAlive: true }), got: new Agent({ keepAlive: true }) };
const client = got.extend({
  agent: { http: agents.got },
  headers,
  retry: { limit: 0 },
  followRedirect: false,
  decompress: false,
  throwHttpErrors: false,
  responseType: 'buffer',
});

const clients: Record<'node' | 'got', () => Promise<boolean>> = {
  node: () =>
    new Promise((resolve, reject) => {
      const sent = request(url, { agent: agents.node, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks).includes('item 7')));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end();
    }),
  got: async () => (await client(url)).body.includes('item 7'),
};

const ms: Record<'node' | 'got', number[]> = { node: [], got: [] };
for (let round = -1; round < ROUNDS; round += 1) {
  for (const name of ['node', 'got'] as const) {
    const before = process.cpuUsage();
    const { failed } = await closedLoop(clients[name], CONCURRENCY, REQUESTS);
    const { user, system } = process.cpuUsage(before);
    if (failed > 0) throw new Error(`${failed} requests of ${name} failed`);
    // The first round is a warm-up.
    if (round >= 0) ms[name].push((user + system) / 1000 / REQUESTS);
  }
}
upstream.child.kill();
for (const agent of Object.values(agents)) agent.destroy();

console.log('CPU of one request to an upstream, in the process that sends it');
report('upstream-client', [
  { client: 'node:http', 'CPU ms': Number(median(ms.node).toFixed(3)), ratio: 1 },
  { client: 'got', 'CPU ms': Number(median(ms.got).toFixed(3)), ratio: medianRatio(ms.got, ms.node) },
]);
