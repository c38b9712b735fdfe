import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fromJsonSchema } from '@modelcontextprotocol/server';
import type { StepRun } from '@toolplane/contracts';
import { type ExternalServerOfTest, startModernServer } from '../../test/external-servers.ts';
import { planOf, templateOf } from '../../test/plan.ts';
import { client, internalErrors, secretOf } from '../../test/run-tool.ts';
import { traceTool } from '../../test/trace-tool.ts';
import { systemClock } from '../execution/clock.ts';
import { createConnectionPool } from '../external-mcp/connection-pool.ts';

const CANARY = 'canary-0123456789';
const externalServers = createConnectionPool({ http: client });
let server: ExternalServerOfTest;
beforeAll(async () => {
  server = await startModernServer((it) => {
    const inputSchema = fromJsonSchema({ type: 'object' });
    it.registerTool('say', { inputSchema }, () => ({ content: [{ type: 'text', text: `said ${CANARY}` }] }));
  });
});
afterAll(async () => {
  await externalServers.close();
  await server[Symbol.asyncDispose]();
  expect(internalErrors).toEqual([]);
});

test('the trace of an external server has its requests and answers, without a secret or a password (T10)', async () => {
  const external = {
    serverName: 'other',
    url: server.url,
    secrets: ['KEY'],
    target: { kind: 'tool' as const, name: 'say' },
    headers: [['X-Key', templateOf('$secrets.KEY')] as [string, ReturnType<typeof templateOf>]],
  };
  const { outcome, tree } = await traceTool(planOf([], {}, { external }), {
    clock: systemClock,
    services: { externalServers },
    secrets: { KEY: secretOf(CANARY) },
    inputs: { word: 'a', pin: 'canary-of-person' },
    hiddenInputs: ['/pin'],
  });
  expect(outcome).toMatchObject({ ok: true });
  expect(JSON.stringify(tree)).not.toContain('canary');
  const [step] = tree.children as StepRun[];
  expect(step).toMatchObject({
    step_id: 'other',
    request: { url: server.url, body: { method: 'tools/call', params: { name: 'say', arguments: { word: 'a' } } } },
    response: { status: 200, body: { content: [{ type: 'text', text: 'said [secret:KEY]' }] } },
  });
});
