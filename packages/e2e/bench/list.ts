/*
 * P4: `tools/list` of 100 tools and `server/discover`, whose bytes are prepared once per publication, compared with a
 * raw node:http JSON-RPC echo that receives the same kind of request: at full load, where the server should be the
 * bottleneck (`busy`), and at the same rate. Rounds are short and alternate, so that all systems meet the same noise.
 */
import assert from 'node:assert';
import { gunzipSync } from 'node:zlib';
import { deployServer, startPlatform } from '../src/platform.ts';
import {
  closedLoop,
  cpuMsOf,
  type LoadResult,
  median,
  medianRatio,
  openLoop,
  report,
  startProgram,
} from './measure.ts';
import { createRawPoster } from './raw-poster.ts';

const ROUNDS = Number(process.argv[2] ?? 25);
const REQUESTS_PER_ROUND = 3000;
const WARM_UP_REQUESTS = 20_000;
const CONCURRENCY = 16;
/** Requests per second. */
const RATE = 1000;
const REQUESTS_AT_RATE = 1000;

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

/** A request that a client sends. */
type Asked = { method: string; params: object; headers: Record<string, string> };
/** `rival` is the name of the system that this one is compared with. */
type System = { name: string; pid: number; send: (n: number) => Promise<boolean>; rival: string };

await using platform = await startPlatform({
  REQUESTS_PER_CALLER_PER_SECOND: '1000000',
  REQUESTS_PER_ORGANIZATION_PER_SECOND: '2000000',
});
const server = await deployServer(platform, 'bench-list', document, {});
const edge = { pid: platform.service('edge').pid(), url: server.url };

const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'x-api-key': platform.apiKey,
};
const legacyList: Asked = { method: 'tools/list', params: {}, headers };
const modern = (method: string): Asked => ({
  method,
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
  headers: { ...headers, 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
});
const [modernList, discover] = [modern('tools/list'), modern('server/discover')];
/** Adds the header that fetch sends, which the clients of the official SDKs use. */
const compressed = (asked: Asked): Asked => ({
  ...asked,
  headers: { ...asked.headers, 'accept-encoding': 'gzip, deflate' },
});

await using resources = new AsyncDisposableStack();
const listBytes = (await askOnce(legacyList)).byteLength;
const [echo, padded] = [await startEcho(0), await startEcho(listBytes)];

const [echoOfLegacy, echoOfModern] = ['echo of the legacy list', 'echo of the modern list'];
const systems: System[] = [
  system('tools/list, legacy', edge, legacyList, 'get_item_99', echoOfLegacy),
  system('tools/list, modern', edge, modernList, 'get_item_99', echoOfModern),
  system('tools/list, legacy, gzip', edge, compressed(legacyList), 'get_item_99', echoOfLegacy),
  system('tools/list, modern, gzip', edge, compressed(modernList), 'get_item_99', echoOfModern),
  system('server/discover', edge, discover, 'supportedVersions', echoOfModern),
  system(`echo with ${Math.round(listBytes / 1024)} KiB`, padded, modernList, 'echo', echoOfModern),
  system(echoOfLegacy, echo, legacyList, 'echo', echoOfLegacy),
  system(echoOfModern, echo, modernList, 'echo', echoOfModern),
];

/** Starts an echo that adds this many bytes to its answer: much of the cost of a list is sending it. */
async function startEcho(bytes: number): Promise<{ pid: number; url: string }> {
  const { child, firstLine } = await startProgram(new URL('rivals/raw-echo.ts', import.meta.url), [String(bytes)]);
  resources.defer(() => void child.kill());
  return { pid: child.pid as number, url: `http://127.0.0.1:${firstLine}/` };
}

function bodyOf({ method, params }: Asked, id: number): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

async function askOnce(asked: Asked): Promise<ArrayBuffer> {
  const response = await fetch(server.url, { method: 'POST', headers: asked.headers, body: bodyOf(asked, 1) });
  return response.arrayBuffer();
}

/** `expected` is a text in the response, which may be compressed. */
function system(
  name: string,
  { pid, url }: { pid: number; url: string },
  asked: Asked,
  expected: string,
  rival: string,
): System {
  const isRight = (answer: Buffer) => (answer[0] === 0x1f ? gunzipSync(answer) : answer).includes(expected);
  const post = createRawPoster(url, asked.headers, isRight);
  return { name, pid, send: (n) => post(bodyOf(asked, n)), rival };
}

const samples = systems.map((it) => ({ ...it, full: [] as number[], busy: [] as number[], rate: [] as number[] }));
for (const { send } of systems) await closedLoop(send, CONCURRENCY, WARM_UP_REQUESTS);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const sample of samples) {
    const load = () => awake(() => closedLoop(sample.send, CONCURRENCY, REQUESTS_PER_ROUND));
    const { perRequest, busy } = await measure(sample, REQUESTS_PER_ROUND, load);
    sample.full.push(perRequest);
    sample.busy.push(busy);
  }
  for (const sample of samples) {
    const load = () => openLoop(sample.send, RATE, REQUESTS_AT_RATE);
    sample.rate.push((await measure(sample, REQUESTS_AT_RATE, load)).perRequest);
  }
}

/**
 * Keeps this process from sleeping during the work. Waking a client is counted as the server's CPU, up to 9 µs per
 * response, and only the fastest server would not pay for it, because its client never sleeps.
 */
async function awake<Result>(work: () => Promise<Result>): Promise<Result> {
  let isOver = false;
  const turn = () => {
    if (!isOver) setImmediate(turn);
  };
  turn();
  return work().finally(() => {
    isOver = true;
  });
}

/** The CPU time of a request in microseconds, and how many cores the requests kept busy. */
async function measure({ name, pid }: System, count: number, load: () => Promise<LoadResult>) {
  const before = cpuMsOf(pid);
  const { failed, elapsedMs } = await load();
  if (failed > 0) throw new Error(`${name}: ${failed} requests failed`);
  const ms = cpuMsOf(pid) - before;
  return { perRequest: (ms * 1000) / count, busy: ms / elapsedMs };
}

const ratio = (sample: (typeof samples)[number], figure: 'full' | 'rate') => {
  const against = samples.find(({ name }) => name === sample.rival);
  assert(against !== undefined);
  return medianRatio(sample[figure], against[figure]);
};
const shown = (values: number[]) =>
  `${median(values).toFixed(0)} (${Math.min(...values).toFixed(0)}–${Math.max(...values).toFixed(0)})`;
report(
  'list',
  samples.map((sample) => ({
    what: sample.name,
    'CPU µs at full load': shown(sample.full),
    busy: `${(median(sample.busy) * 100).toFixed(0)} %`,
    ratio: ratio(sample, 'full'),
    [`CPU µs at ${RATE}/s`]: shown(sample.rate),
    [`ratio at ${RATE}/s`]: ratio(sample, 'rate'),
  })),
);
