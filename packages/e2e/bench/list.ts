/*
 * P4: `tools/list` of 100 tools and `server/discover`, bytes prepared once per publication, against a raw node:http
 * JSON-RPC echo: at full load, where the server should be what limits (`busy`), and at the same rate. Rounds alternate, so
 * that both meet the same noise.
 */
import { gunzipSync } from 'node:zlib';
import { deployServer, startPlatform } from '../src/platform.ts';
import { closedLoop, cpuMsOf, type LoadResult, median, openLoop, report, startProgram } from './measure.ts';
import { createRawPoster } from './raw-poster.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const REQUESTS_PER_ROUND = 20_000;
const CONCURRENCY = 16;
/** Requests a second. */
const RATE = 1000;
const REQUESTS_AT_RATE = 4000;

const document = `
flower: "0.1"
id: hundred
flows:
${Array.from({ length: 100 }, (_, n) => flow(n)).join('\n')}
`;

function flow(n: number): string {
  return `  - id: get_item_${n}
    description: Gets item ${n} of the catalogue by its number, with its name and price.
    inputs:
      properties: { number: { type: integer, description: Item number, minimum: 0 } }
      required: [number]
    steps:
      - id: get
        request: { method: GET, url: "https://catalogue.example.com/items/$inputs.number" }
        outputs: { name: $response.body.name, price: $response.body.price }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.get.outputs.name, price: $steps.get.outputs.price }`;
}

const modern = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  },
};
const body = (method: string, params: object) => (n: number) =>
  JSON.stringify({ jsonrpc: '2.0', id: n, method, params });

await using platform = await startPlatform();
const server = await deployServer(platform, 'bench-list', document, {});
await using resources = new AsyncDisposableStack();
const rival = await startProgram(new URL('rivals/raw-echo.ts', import.meta.url), []);
const listBytes = await sizeOf(server.url);
const padded = await startProgram(new URL('rivals/raw-echo.ts', import.meta.url), [String(listBytes)]);
resources.defer(() => {
  for (const { child } of [rival, padded]) child.kill();
});
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const withKey = { ...json, 'x-api-key': platform.apiKey };
/** As fetch asks, with which the clients of the official SDKs are made. */
const gzip = { 'accept-encoding': 'gzip, deflate' };
const modernHeaders = (method: string) => ({
  ...withKey,
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': method,
});

/** Whether a body, compressed or not, has a text in it. */
const has = (text: string) => (answer: Buffer) => (answer[0] === 0x1f ? gunzipSync(answer) : answer).includes(text);

type System = { name: string; send: (n: number) => Promise<boolean>; pid: number };

const edge = platform.service('edge').pid();
const systems: System[] = [
  ...[{}, gzip].flatMap((accepted) => {
    const how = 'accept-encoding' in accepted ? 'gzip' : 'as it is';
    const [legacy, headers] = [withKey, modernHeaders('tools/list')].map((own) => ({ ...own, ...accepted }));
    return [
      system(
        `tools/list, legacy, ${how}`,
        edge,
        createRawPoster(server.url, legacy ?? {}, has('get_item_99')),
        body('tools/list', {}),
      ),
      system(
        `tools/list, modern, ${how}`,
        edge,
        createRawPoster(server.url, headers ?? {}, has('get_item_99')),
        body('tools/list', modern),
      ),
    ];
  }),
  system(
    'server/discover',
    edge,
    createRawPoster(server.url, modernHeaders('server/discover'), has('supportedVersions')),
    body('server/discover', modern),
  ),
  system(
    `raw echo of ${Math.round(listBytes / 1024)} KiB`,
    padded.child.pid as number,
    createRawPoster(`http://127.0.0.1:${padded.firstLine}/`, json, has('echo')),
    body('tools/list', modern),
  ),
  system(
    'raw echo',
    rival.child.pid as number,
    createRawPoster(`http://127.0.0.1:${rival.firstLine}/`, json, has('echo')),
    body('tools/list', modern),
  ),
];

/** Of the answer to `tools/list`: much of what it costs is sending it. */
async function sizeOf(url: string): Promise<number> {
  const headers = { 'content-type': 'application/json', 'x-api-key': platform.apiKey };
  const response = await fetch(url, { method: 'POST', headers, body: body('tools/list', {})(1) });
  return (await response.arrayBuffer()).byteLength;
}

function system(
  name: string,
  pid: number,
  post: (text: string) => Promise<boolean>,
  bodyOf: (n: number) => string,
): System {
  return { name, pid, send: (n) => post(bodyOf(n)) };
}

const samples = systems.map((it) => ({ ...it, full: [] as number[], busy: [] as number[], rate: [] as number[] }));
for (const { send } of systems) await closedLoop(send, CONCURRENCY, 3000);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const sample of samples) {
    const { send } = sample;
    const atFull = await measure(sample, REQUESTS_PER_ROUND, () => closedLoop(send, CONCURRENCY, REQUESTS_PER_ROUND));
    sample.full.push(atFull.perRequest);
    sample.busy.push(atFull.busy);
    const atRate = await measure(sample, REQUESTS_AT_RATE, () => openLoop(send, RATE, REQUESTS_AT_RATE));
    sample.rate.push(atRate.perRequest);
  }
}

/** CPU of a request in microseconds, and how many cores were busy with them. */
async function measure({ name, pid }: System, count: number, load: () => Promise<LoadResult>) {
  const before = cpuMsOf(pid);
  const { failed, elapsedMs } = await load();
  if (failed > 0) throw new Error(`${name}: ${failed} requests failed`);
  const ms = cpuMsOf(pid) - before;
  return { perRequest: (ms * 1000) / count, busy: ms / elapsedMs };
}

const echo = samples.at(-1) ?? { full: [], rate: [] };
const shown = (values: number[]) =>
  `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
report(
  'list',
  samples.map(({ name, full, busy, rate }) => ({
    what: name,
    'CPU µs at full load': shown(full),
    busy: `${(median(busy) * 100).toFixed(0)} %`,
    ratio: Number((median(full) / median(echo.full)).toFixed(2)),
    [`CPU µs at ${RATE}/s`]: shown(rate),
    [`ratio at ${RATE}/s`]: Number((median(rate) / median(echo.rate)).toFixed(2)),
  })),
);
