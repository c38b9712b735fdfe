import { expect, test } from '@jest/globals';
import { succeeded } from '@toolplane/contracts';
import { startSession } from './legacy-session.ts';
import { ask, knowsTasks } from './modern-client.ts';
import { echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* The data that an organization may store in Redis. */

const plan = { planDigest: 'd1', deadlineMs: 20_000, isRepeatable: true };
const tools = [
  { ...echoTool, ...plan },
  { ...echoTool, ...plan, name: 'long', task: 'optional' as const },
];
const NOT_KEPT = 'io.toolplane/result-not-kept';

let keyCount = 0;
const keyed = (edge: TestEdge, key = `budget-${process.pid}-${++keyCount}`) =>
  ask(
    edge,
    'tools/call',
    { name: 'echo', arguments: { text: 'a' } },
    { meta: { 'io.toolplane/idempotency-key': key } },
  );

async function startEdge() {
  const edge = await startTestEdge({ bytesPerOrganizationMax: 512 * 1024 });
  await edge.publishServer({ tools });
  edge.handle = async () => succeeded({ text: 'x'.repeat(50_000) });
  return edge;
}

/**
 * Repeats calls until a caller is notified that its result was not stored, which happens only if Redis answers as fast
 * as on an idle machine.
 */
async function callUntilReported(edge: TestEdge): Promise<string> {
  for (let n = 0; ; n += 1) {
    const key = `until-${process.pid}-${n}`;
    if ((await keyed(edge, key)).result._meta?.[NOT_KEPT] === true) return key;
  }
}

test('a large result is kept while there is room, and beyond it the caller is told that it is not (T39)', async () => {
  await using edge = await startEdge();
  const key = `first-${process.pid}`;
  const first = await keyed(edge, key);
  const again = await keyed(edge, key);
  expect(again.result.structuredContent).toEqual(first.result.structuredContent);
  const beyond = await callUntilReported(edge);
  const calls = edge.calls.length;
  expect(JSON.stringify((await keyed(edge, beyond)).result)).toContain('output_too_large');
  expect(edge.calls).toHaveLength(calls);
});

test('a task beyond the budget is refused before it starts, and logged (T39, F9)', async () => {
  await using edge = await startEdge();
  const text = 'y'.repeat(150_000);
  const start = () => ask(edge, 'tools/call', { name: 'long', arguments: { text } }, { capabilities: knowsTasks });
  let answer = await start();
  expect(answer.result.resultType).toBe('task');
  while (answer.result.resultType === 'task') answer = await start();
  expect(JSON.stringify(answer.result)).toContain('tenant_busy');
  expect(edge.endedCalls).toContainEqual(
    expect.objectContaining({ tool: 'long', source: 'task', code: 'tenant_busy' }),
  );
});

test('changes of sessions count as long as they are kept, and ending a session is never refused (T39)', async () => {
  await using edge = await startTestEdge({ bytesPerOrganizationMax: 2000 });
  await edge.publishServer({ tools });
  const setLevel = { jsonrpc: '2.0', id: 1, method: 'logging/setLevel', params: { level: 'info' } };
  let session = await startSession(edge, {});
  for (let n = 0; !(await (await session.send(edge.url, setLevel)).text()).includes('tenant_busy'); n += 1) {
    expect(n).toBeLessThan(100);
    session = await startSession(edge, {});
  }
  const end = await fetch(`${edge.url}/mcp/${edge.serverId}`, { method: 'DELETE', headers: session.headers });
  expect(end.status).toBe(204);
});
