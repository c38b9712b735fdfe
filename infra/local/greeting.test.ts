import { expect, test } from '@jest/globals';
import { describeEgress, greet } from './greeting.ts';

const addresses = {
  api: 'http://127.0.0.1:1',
  console: 'http://127.0.0.1:1/console/',
  mcp: 'http://127.0.0.1:2',
  apiKey: 'tp_live_…',
  workspaceId: 'ws_default',
  sampleServer: { id: 'srv_1', url: 'http://127.0.0.1:2/mcp/srv_1' },
  sampleApi: 'http://127.0.0.1:3',
  sampleKey: 'key',
  egress: describeEgress(),
};

test('the command for the Inspector says which Node it needs, because npm start itself takes older ones', () => {
  const text = greet(addresses, { tools: ['a'], tool: 'a', arguments: {}, result: {} });
  expect(text).toMatch(/^ {2}Inspector .*--method tools\/list {4}\(Node 22\.19 or newer\)$/m);
});
