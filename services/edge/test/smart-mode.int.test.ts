import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { failed, succeeded, type Tool, type ToolCall } from '@toolplane/contracts';
import { ask } from './modern-client.ts';
import { echoTool, type JsonRpcAnswer, startTestEdge, type TestEdge } from './test-edge.ts';

/* A server in mode SMART: what clients find and run through the meta tools. */

let edge: TestEdge;
beforeAll(async () => {
  edge = await startTestEdge();
});
afterAll(async () => edge[Symbol.asyncDispose]());
test('x', async () => {
  await edge.publishServer({ mode: 'smart' });
  await edge.publishServer({
    serverId: `${edge.serverId}a`,
    slug: 'slack',
    tools: [
      {
        ...echoTool,
        planDigest: 'd2',
        deadlineMs: 5000,
        isRepeatable: true,
        name: 'post_message',
        description: 'Post a message to a channel',
      },
    ],
  });
  await edge.publishCatalogue([{ serverId: `${edge.serverId}a`, toolkit: 'slack', name: 'Slack' }]);
  const list = await ask(edge, 'tools/list', {});
  console.log(list.result.tools.map((t: Tool) => t.name));
  const d = await ask(edge, 'tools/call', {
    name: 'discover_tools',
    arguments: { queries: [{ use_case: 'write to people on slack' }] },
  });
  console.log(JSON.stringify(d, null, 1));
  const e = await ask(edge, 'tools/call', {
    name: 'execute_tools',
    arguments: { calls: [{ slug: 'slack.post_message', arguments: { text: 'hi' } }, { slug: 'slack.post' }] },
  });
  console.log(JSON.stringify(e, null, 1));
});
void beforeEach;
void failed;
void succeeded;
void ({} as ToolCall);
void ({} as JsonRpcAnswer);
void expect;
