import { ok } from 'node:assert';
import { readFileSync } from 'node:fs';
import { startThrowawayServers } from '../../infra/local/throwaway-servers.ts';

/*
 * Clients that initialize and never return can make MCP servers run out of memory. At least a hundred thousand of them
 * must not make the edge grow: a session is its id, which only the client holds.
 */

const CLIENTS_PER_ROUND = 50_000;
const ROUNDS_MIN = 2;
/**
 * V8 lets its heap grow to a size that suits the load before it collects garbage thoroughly; a leak grows in every
 * round.
 */
const ROUNDS_MAX = 8;
const AT_ONCE = 64;
/** The allowed growth of the whole process in one round. Sessions of a hundred bytes each would exceed it. */
const GROWTH_BYTES_MAX = 5 * 1024 * 1024;

const document = `
flower: "0.1"
id: idle
flows:
  - id: look_up
    description: Looks something up.
    steps:
      - id: get
        request: { method: GET, url: "https://api.example.com/things" }
        outputs: { name: $response.body.name }
    outputs: { name: $steps.get.outputs.name }
`;

const servers = await startThrowawayServers();
try {
  Object.assign(process.env, servers.env);
  const { deployServer, startPlatform } = await import('../../packages/e2e/src/platform.ts');
  // All clients use the same key.
  await using platform = await startPlatform({
    REQUESTS_PER_CALLER_PER_SECOND: '1000000',
    REQUESTS_PER_ORGANIZATION_PER_SECOND: '2000000',
  });
  const server = await deployServer(platform, 'idle-clients', document, {});
  const initialize = () => abandonSession(server.url, platform.apiKey);
  const edge = platform.service('edge').pid();
  let grown = Number.POSITIVE_INFINITY;
  let rounds = 0;
  for (; rounds < ROUNDS_MIN || (rounds < ROUNDS_MAX && grown > GROWTH_BYTES_MAX); rounds += 1) {
    const before = residentBytes(edge);
    await run(CLIENTS_PER_ROUND, initialize);
    grown = residentBytes(edge) - before;
  }
  const clients = rounds * CLIENTS_PER_ROUND;
  const mebibytes = (grown / 1024 / 1024).toFixed(1);
  console.log(`idle clients: ${clients} sessions; the last ${CLIENTS_PER_ROUND} let the edge grow by ${mebibytes} MiB`);
  ok(grown <= GROWTH_BYTES_MAX, `the edge still grows after ${clients} abandoned sessions`);
} finally {
  await servers.stop();
}

async function abandonSession(url: string, key: string): Promise<void> {
  const clientInfo = { name: 'passer-by', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities: { sampling: {}, elicitation: {} }, clientInfo };
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
  });
  await response.arrayBuffer();
  ok(response.headers.get('mcp-session-id'), 'each client gets a session');
}

async function run(count: number, send: () => Promise<void>): Promise<void> {
  let left = count;
  const client = async () => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
}

function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}
