import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { succeeded, type Tool } from '@toolplane/contracts';
import { openSession } from './legacy-session.ts';
import { ask } from './modern-client.ts';
import type { Replica } from './replica.ts';
import { call, echoTool, startTestEdge, type TestEdge } from './test-edge.ts';

/* A cancellation takes effect at whichever edge it arrives, by the rules of its era. */

let edge: TestEdge;
let other: Replica;

const plan = { planDigest: 'd1', deadlineMs: 5000, isRepeatable: true };
const tools: Tool[] = [
  { ...echoTool, ...plan },
  { ...echoTool, ...plan, name: 'asking', asks: true },
];

beforeAll(async () => {
  edge = await startTestEdge();
  other = await edge.startReplica();
  await edge.publishServer({ tools });
});
afterAll(async () => edge[Symbol.asyncDispose]());
let started: Promise<AbortSignal>;
let release: () => void;
beforeEach(() => {
  const calls = Promise.withResolvers<AbortSignal>();
  const released = Promise.withResolvers<void>();
  [started, release] = [calls.promise, released.resolve];
  edge.handle = async ({ signal }) => {
    calls.resolve(signal);
    await Promise.race([released.promise, aborted(signal)]);
    signal.throwIfAborted();
    return succeeded({ ended: true });
  };
});

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Sends the cancellation to an edge other than the one that is answering. */
async function cancel(session: Record<string, string>, requestId: unknown, key = edge.key): Promise<[number, string]> {
  const response = await fetch(`${other.url}/mcp/${edge.serverId}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key, ...session },
    body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } }),
  });
  return [response.status, await response.text()];
}

describe.each([
  ['the hot path', 'echo'],
  ['the long way', 'asking'],
])('on %s', (_way, name) => {
  test('a modern client that closes its response cancels the call all the way to the worker', async () => {
    const leave = new AbortController();
    const answer = ask(edge, 'tools/call', { name, arguments: { text: 'a' } }, { signal: leave.signal });
    const signal = await started;
    leave.abort();
    await expect(answer).rejects.toThrow();
    await aborted(signal);
  });

  test('a legacy client that sends notifications/cancelled to any edge cancels its call, whose response ends', async () => {
    const session = await openSession(edge);
    const message = { ...call({ text: 'a' }, { name }), id: 'c1' };
    const answer = edge.post(message, { headers: session });
    const signal = await started;
    expect(await cancel(session, 'c1')).toEqual([202, '']);
    await aborted(signal);
    expect((await answer).body).toMatchObject({
      id: 'c1',
      result: { isError: true, structuredContent: { code: 'cancelled', outcome: 'unknown' } },
    });
  });

  test('a legacy client that closes its response cancels nothing', async () => {
    const session = await openSession(edge);
    const leave = new AbortController();
    const message = { ...call({ text: 'a' }, { name }), id: 'c1' };
    const answer = edge.post(message, { headers: session, signal: leave.signal });
    const signal = await started;
    leave.abort();
    await expect(answer).rejects.toThrow();
    release();
    expect((await edge.post({ jsonrpc: '2.0', id: 2, method: 'ping' }, { headers: session })).status).toBe(200);
    expect(signal.aborted).toBe(false);
  });

  test('a cancellation of a foreign, finished or unknown request is ignored with 202 (B022)', async () => {
    const [session, stranger] = [await openSession(edge), await openSession(edge)];
    const { key } = await edge.publishKey({});
    const foreign = await openSession(edge, { key });
    const answer = edge.post({ ...call({ text: 'a' }, { name }), id: 'c1' }, { headers: session });
    const signal = await started;
    expect(await cancel(stranger, 'c1')).toEqual([202, '']);
    expect(await cancel(foreign, 'c1', key)).toEqual([202, '']);
    for (const requestId of ['c2', 1, null, { id: 'c1' }]) expect(await cancel(session, requestId)).toEqual([202, '']);
    release();
    expect((await answer).body.result.structuredContent).toEqual({ ended: true });
    expect(await cancel(session, 'c1')).toEqual([202, '']);
    expect(signal.aborted).toBe(false);
  });
});
