import { expect, test } from '@jest/globals';
import { AppError, type InputRequest } from '@toolplane/contracts';
import { ownTrace } from '../callers/trace-carrier.ts';
import type { TargetCall } from '../calls/call-target.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Edge } from '../edge.ts';
import { limitOpenStreams } from '../transports/open-streams.ts';
import { askClient } from './ask-client.ts';

const roots: InputRequest = { method: 'roots/list', params: {} };

test.each([
  ['its client cancels', 'cancelled'],
  ['its edge stops', 'shutting_down'],
] as const)('nobody is asked when %s just as the plan is about to ask', async (_name, code) => {
  const [client, edge] = [new AbortController(), new AbortController()];
  const openStreams = limitOpenStreams({ perPrincipalMax: 1, perOrganizationMax: 1, totalMax: 1 });
  const calls: Pick<Edge['calls'], 'call'> = {
    async call() {
      if (code === 'cancelled') client.abort(new AppError('cancelled', 'The client cancelled the request'));
      else edge.abort();
      return { ok: true, outcome: 'input_required', inputRequests: { roots } };
    },
  };
  const server = { manifest: { serverId: 'srv_1' } };
  const asked: InputRequest[] = [];
  const request = {
    server,
    principal: { kind: 'anonymous' },
    client: { abilities: new Set(['roots']) },
    signal: client.signal,
    ask(wanted: InputRequest) {
      asked.push(wanted);
      return new Promise(() => {});
    },
  };
  const target = { name: 't', asks: true, validate: (value: unknown) => ({ ok: true, value }) };
  const { outcome } = await askClient(
    { calls, openStreams, stopping: edge.signal } as Partial<Edge> as Edge,
    request as unknown as McpRequest,
    { server, target, method: 'tools/call', trace: ownTrace } as unknown as TargetCall,
    {},
  );
  expect(outcome).toMatchObject({ outcome: 'not_started', error: { code } });
  expect(asked).toEqual([]);
  // The slot of its stream is free again.
  openStreams.acquire({ kind: 'anonymous' }, { serverId: 'srv_1', workspaceId: 'ws_1' })();
});
