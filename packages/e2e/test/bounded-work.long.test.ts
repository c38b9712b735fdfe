import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { watchLag } from '../faults/lag.ts';
import { monotonicMs } from '../faults/monotonic.ts';
import { requestRest } from '../src/connectors.ts';
import { callPlainly } from '../src/plain-client.ts';
import {
  type DeployedServer,
  deployServer,
  type ServiceName,
  startPlatform,
  type TestPlatform,
} from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

/*
 * Work whose amount untrusted parties choose, in the real processes: its sender pays for the cost of a response, a
 * pattern, a query or a document. Meanwhile another tenant's calls continue, which shows from outside that the event
 * loops are not blocked, and no process grows beyond its limits. One attack of each kind is enough here: the readers
 * themselves are tested with all of them.
 */

/** Evaluations are stopped after a tenth of a second of work, and six attacks run at once. */
const NEIGHBOUR_MS_MAX = 3000;
const GROWTH_BYTES_MAX = 300 * 1024 ** 2;
const AT_ONCE = 6;

const megabytes = (count: number) => count * 1_000_000;
const records = Array.from({ length: 30_000 }, (_, id) => ({ id, s: `record ${id}` }));
const elements = `<r>${'<a>1</a>'.repeat(2000)}</r>`;

type Attack = {
  /** The error codes with which the tool may end. */
  codes: string[];
  answer(response: ServerResponse): void;
  criterion?: { type: unknown; condition: string; context?: string };
};

const json = (value: unknown) => (response: ServerResponse) => {
  response.setHeader('content-type', 'application/json').end(typeof value === 'string' ? value : JSON.stringify(value));
};
const xml = (text: string) => (response: ServerResponse) =>
  void response.setHeader('content-type', 'text/xml').end(text);
const encoded = (encoding: string, body: Buffer) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': encoding }).end(body);
};
const xpath = { type: 'xpath', version: 'xpath-31' };
const refused = ['step_failed', 'expression_failed'];

const attacks: Record<string, Attack> = {
  'a regular expression that backtracks (T14, B060)': {
    codes: refused,
    answer: json({ text: `${'a'.repeat(50_000)}!` }),
    criterion: { type: 'regex', context: '$response.body#/text', condition: '^(a+)+$' },
  },
  'JSONPath that compares everything with everything (T15, B063)': {
    codes: refused,
    answer: json(records),
    criterion: { type: 'jsonpath', context: '$response.body', condition: '$[?$[?@.id == -1]]' },
  },
  'XPath that counts everything for everything (T16, B064)': {
    codes: refused,
    answer: xml(elements),
    criterion: { type: xpath, context: '$response.body', condition: '//*[count(//*) > 10000]' },
  },
  'XML with entities (T16, B065)': {
    codes: refused,
    answer: xml('<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>'),
    criterion: { type: xpath, context: '$response.body', condition: '//a' },
  },
  'a gzip bomb of 300 MB (T20, B107)': {
    codes: ['response_too_large'],
    answer: encoded('gzip', gzipSync(Buffer.alloc(megabytes(300)))),
  },
  'an answer without an end (T20, B108)': {
    codes: ['response_too_large'],
    answer(response) {
      const write = () => response.write(Buffer.alloc(64 * 1024)) && !response.destroyed && setImmediate(write);
      response.on('drain', write).on('error', () => undefined);
      write();
    },
  },
  'an answer that drips (T20, B108)': {
    codes: ['upstream_timeout', 'deadline_exceeded'],
    answer(response) {
      const timer = setInterval(() => response.write('x'), 50);
      response.on('close', () => clearInterval(timer));
    },
  },
};
const names = Object.keys(attacks);
const idOf = (name: string) => `attack_${names.indexOf(name)}`;

const arazzo = JSON.stringify({
  arazzo: '1.0.1',
  info: { title: 'Attacks', version: '1.0.0' },
  sourceDescriptions: [{ name: 'api', url: './api.json', type: 'openapi' }],
  workflows: names.map((name) => ({
    workflowId: idOf(name),
    description: 'Asks a hostile API and looks into its answer.',
    'x-timeout': 3,
    steps: [
      {
        stepId: 's',
        operationId: idOf(name),
        ...(attacks[name]?.criterion === undefined ? {} : { successCriteria: [attacks[name].criterion] }),
        outputs: { all: '$response.body' },
      },
    ],
    outputs: { all: '$steps.s.outputs.all' },
  })),
});

const openApi = (api: string) =>
  JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Attacks', version: '1.0.0' },
    servers: [{ url: api }],
    paths: Object.fromEntries(
      names.map((name) => [
        `/${idOf(name)}`,
        { get: { operationId: idOf(name), responses: { 200: { description: 'Hostile' } } } },
      ]),
    ),
  });

const quiet = (api: string) => `
flower: "0.1"
id: quiet
flows:
  - id: quiet
    description: Asks an API that answers at once.
    steps:
      - id: only
        request: { method: GET, url: "${api}/quiet" }
        outputs: { ok: $response.body.ok }
    outputs: { ok: $steps.only.outputs.ok }
`;

let platform: TestPlatform;
let upstream: Upstream;
let neighbour: DeployedServer;
let server: DeployedServer;

beforeAll(async () => {
  const byPath = new Map(names.map((name) => [`/${idOf(name)}`, attacks[name]]));
  upstream = await startUpstream(({ path }, response) => {
    const attack = byPath.get(path);
    if (attack === undefined) json({ ok: true })(response);
    else attack.answer(response);
  });
  platform = await startPlatform();
  neighbour = await deployServer(platform, 'quiet', quiet(upstream.url));
  const references = [{ name: 'api', content: openApi(upstream.url), location: './api.json' }];
  server = await deployServer(platform, 'attacks', arazzo, {}, { references });
  // A first run compiles code and fills caches, which is not part of an attack.
  await watchNeighbour(async () => undefined);
}, 120_000);

afterAll(async () => {
  await upstream?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const services: ServiceName[] = ['edge', 'data-plane', 'control-plane'];

function residentBytes(name: ServiceName): number {
  const status = readFileSync(`/proc/${platform.service(name).pid()}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/**
 * Calls a tool of another tenant repeatedly while the attack lasts; fails if the attack affects it. Time for which the
 * machine had no processor for anybody is not attributed to the attack.
 */
async function watchNeighbour(attack: () => Promise<unknown>): Promise<void> {
  const before = services.map(residentBytes);
  const grown = services.map(() => 0);
  using lag = watchLag(() => services.map((name) => platform.service(name).pid()));
  let slowestMs = 0;
  let isOver = false;
  const attacking = attack().finally(() => {
    isOver = true;
  });
  do {
    const startedAt = monotonicMs();
    const { result } = await callPlainly(platform, neighbour.id, 'quiet');
    expect(result?.structuredContent).toEqual({ ok: true });
    const endedAt = monotonicMs();
    slowestMs = Math.max(slowestMs, endedAt - startedAt - lag.between(startedAt, endedAt));
    for (const [index, name] of services.entries()) {
      grown[index] = Math.max(grown[index] ?? 0, residentBytes(name) - (before[index] ?? 0));
    }
  } while (!isOver);
  await attacking;
  expect(slowestMs).toBeLessThan(NEIGHBOUR_MS_MAX);
  for (const [index, name] of services.entries()) {
    expect([name, (grown[index] ?? 0) < GROWTH_BYTES_MAX]).toEqual([name, true]);
  }
}

describe('a call ends in its stated result, and other calls go on', () => {
  test.each(names)('%s', async (name) => {
    await watchNeighbour(() =>
      Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          const { result } = await callPlainly(platform, server.id, idOf(name));
          expect([name, result?.isError]).toEqual([name, true]);
          expect(attacks[name]?.codes).toContain(result?.structuredContent['code']);
        }),
      ),
    );
  });
});

const laughs = ['l0: &l0 lol']
  .concat(Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${Array(10).fill(`*l${n}`).join(', ')}]`))
  .join('\n');

describe('a document is refused, and the API goes on', () => {
  test.each([
    ['a billion laughs (T18, B041)', laughs],
    ['100 000 empty lists in a row (T17)', '[]'.repeat(100_000)],
    [
      'a schema of patterns that multiply (T14, B061)',
      `flower: "0.1"\nid: a\nflows: [{id: a, inputs: {properties: {x: {pattern: "${'(a{9})'.repeat(90)}"}}}}]`,
    ],
  ])('%s', async (_name, definition) => {
    await watchNeighbour(() =>
      Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          const { status } = await requestRest(platform, 'POST', '/documents/validate', { definition });
          expect([200, 422, 429, 503]).toContain(status);
        }),
      ),
    );
    const { status } = await requestRest(platform, 'GET', '/mcp-servers');
    expect(status).toBe(200);
  });
});
