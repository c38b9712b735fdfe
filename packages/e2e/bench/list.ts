/*
 * P4: `tools/list` of 100 tools and `server/discover`, bytes prepared once per publication, against a raw node:http
 * JSON-RPC echo. Rounds alternate, so that both meet the same noise.
 */
import { deployServer, startPlatform } from '../src/platform.ts';
import { closedLoop, cpuMsOf, createPoster, median, report, startProgram } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 5);
const REQUESTS_PER_ROUND = 10_000;
const CONCURRENCY = 16;

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
const rival = await startProgram(new URL('rivals/raw-echo.ts', import.meta.url), []);
const listBytes = await sizeOf(server.url);
const padded = await startProgram(new URL('rivals/raw-echo.ts', import.meta.url), [String(listBytes)]);
const json = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const withKey = { ...json, 'x-api-key': platform.apiKey };
/** As fetch asks, with which the clients of the official SDKs are made. */
const gzip = { 'accept-encoding': 'gzip, deflate' };
const modernHeaders = (method: string) => ({
  ...withKey,
  'mcp-protocol-version': '2026-07-28',
  'mcp-method': method,
});

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
        createPoster(server.url, legacy ?? {}, 'get_item_99'),
        body('tools/list', {}),
      ),
      system(
        `tools/list, modern, ${how}`,
        edge,
        createPoster(server.url, headers ?? {}, 'get_item_99'),
        body('tools/list', modern),
      ),
    ];
  }),
  system(
    'server/discover',
    edge,
    createPoster(server.url, modernHeaders('server/discover'), 'supportedVersions'),
    body('server/discover', modern),
  ),
  system(
    `raw echo of ${Math.round(listBytes / 1024)} KiB`,
    padded.child.pid as number,
    createPoster(`http://127.0.0.1:${padded.firstLine}/`, json, 'echo'),
    body('tools/list', modern),
  ),
  system(
    'raw echo',
    rival.child.pid as number,
    createPoster(`http://127.0.0.1:${rival.firstLine}/`, json, 'echo'),
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

const samples = systems.map((it) => ({ ...it, cpuUs: [] as number[] }));
for (const { send } of systems) await closedLoop(send, CONCURRENCY, 3000);
for (let round = 0; round < ROUNDS; round += 1) {
  for (const sample of samples) {
    const before = cpuMsOf(sample.pid);
    const { failed } = await closedLoop(sample.send, CONCURRENCY, REQUESTS_PER_ROUND);
    if (failed > 0) throw new Error(`${sample.name}: ${failed} requests failed`);
    sample.cpuUs.push(((cpuMsOf(sample.pid) - before) * 1000) / REQUESTS_PER_ROUND);
  }
}
const echo = median(samples.at(-1)?.cpuUs ?? []);
report(
  'list',
  samples.map(({ name, cpuUs }) => ({
    what: name,
    'CPU µs (median)': Math.round(median(cpuUs)),
    min: Math.round(Math.min(...cpuUs)),
    max: Math.round(Math.max(...cpuUs)),
    ratio: Number((median(cpuUs) / echo).toFixed(2)),
  })),
);
rival.child.kill();
padded.child.kill();
