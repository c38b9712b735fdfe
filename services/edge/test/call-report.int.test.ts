import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type FinalOutcome, failed, succeeded } from '@toolplane/contracts';
import { ownTrace } from '../src/callers/trace-carrier.ts';
import { callTarget } from '../src/calls/call-target.ts';
import { toToolResult } from '../src/calls/tool-result.ts';
import { toHostedServer } from '../src/manifests/hosted-server.ts';
import { openSession } from './legacy-session.ts';
import { ask } from './modern-client.ts';
import { call, startTestEdge, type TestEdge } from './test-edge.ts';

/* The timing of a call that the edge computes from a worker's report. */

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());
beforeEach(() => {
  edge.endedCalls.length = 0;
  edge.handle = async ({ report }) => {
    report.upstreamMs += 0.5;
    report.upstreamRequests += 1;
    report.analytics = { city: 'Oslo' };
    return succeeded('answer');
  };
});

test('a call is reported with its phases, its sizes and the analytics that its document defines', async () => {
  await edge.post(call({ text: 'a' }));
  expect(edge.endedCalls).toEqual([
    expect.objectContaining({
      queueMs: expect.any(Number),
      executionMs: expect.any(Number),
      upstreamMs: expect.any(Number),
      requestBytes: expect.any(Number),
      responseBytes: expect.any(Number),
      analytics: { city: 'Oslo' },
    }),
  ]);
  const [{ requestBytes = 0, responseBytes = 0 } = {}] = edge.endedCalls;
  expect(Math.min(requestBytes, responseBytes)).toBeGreaterThan(100);
  expect(edge.endedCalls[0]).not.toHaveProperty('client');
});

test('a call that no worker ran has none of these', async () => {
  await edge.post(call({ wrong: 1 }));
  const reported = ['queueMs', 'executionMs', 'upstreamMs', 'requestBytes', 'responseBytes', 'analytics'];
  for (const name of reported) expect(edge.endedCalls[0]).not.toHaveProperty(name);
});

test('a client is reported by the name that it gives itself, truncated and cleaned, in both eras', async () => {
  const name = `some\u0000\u202eclient${'x'.repeat(100)}`;
  const clientInfo = { name, version: `1.2\n${'3'.repeat(100)}` };
  await ask(
    edge,
    'tools/call',
    { name: 'echo', arguments: { text: 'a' } },
    {
      meta: { 'io.modelcontextprotocol/clientInfo': clientInfo },
    },
  );
  await edge.post(call({ text: 'a' }), { headers: await openSession(edge, { clientInfo }) });
  const client = { name: `some client${'x'.repeat(52)}`, version: `1.2 ${'3'.repeat(28)}` };
  expect(edge.endedCalls).toEqual([expect.objectContaining({ client }), expect.objectContaining({ client })]);
});

test('only a debug call says where its time was spent', async () => {
  const manifest = await edge.parts.snapshot.getManifest(edge.serverId);
  const server = manifest && toHostedServer(manifest);
  const target = server?.tools.get('echo')?.target;
  if (target === undefined || server === undefined) throw new Error('no such tool');
  const request = {
    server,
    target,
    method: 'tools/call',
    callArguments: { text: 'a' },
    caller: { config: {} },
    trace: ownTrace,
    protocolVersion: '2026-07-28',
  };
  const usual = await callTarget(edge.parts, request);
  expect(usual).not.toHaveProperty('timing');
  const { outcome, ...reported } = await callTarget(edge.parts, { ...request, isDebug: true });
  const { timing } = reported;
  const phases = [timing?.admissionMs, timing?.queueMs, timing?.executionMs, timing?.upstreamMs];
  expect(phases).toEqual(phases.map(() => expect.any(Number)));
  const { meta } = toToolResult({ outcome: outcome as FinalOutcome, ...reported });
  expect(meta).toEqual({ 'io.toolplane/timing': timing });
  const failure = { outcome: failed('done', 'no_action_matched', 'x'), traceId: 'abc', timing: { admissionMs: 1 } };
  expect(toToolResult(failure).meta).toEqual({
    'io.toolplane/timing': { admissionMs: 1 },
    'io.toolplane/traceId': 'abc',
  });
});
