import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { describeEgress, greet, toShellEnvironment } from './greeting.ts';

const addresses = {
  api: 'http://127.0.0.1:1',
  console: 'http://127.0.0.1:1/console/',
  mcp: 'http://127.0.0.1:2',
  apiKey: 'tp_live_1',
  workspaceId: 'ws_default',
  sampleServer: { id: 'srv_1', url: 'http://127.0.0.1:2/mcp/srv_1' },
  sampleApi: 'http://127.0.0.1:3',
  sampleKey: "it's a key",
  egress: describeEgress({}),
};
const seen = { tools: ['plan'], tool: 'plan', arguments: { from: 'here' }, result: { train: 7, change: null } };

describe('the greeting', () => {
  test('fits one screen, begins with the console, shows one call without empty outputs, and the key once', () => {
    const text = greet(addresses, seen, '.toolplane/env');
    expect(text.split('\n').length).toBeLessThan(20);
    expect(text.indexOf('Console')).toBeLessThan(text.indexOf('A call'));
    expect(text).toContain('A call     plan {"from":"here"}\n  returns    {"train":7}\n');
    expect(text.match(/tp_live_1/g)).toHaveLength(1);
    expect(text).toContain('claude mcp add --transport http nightline http://127.0.0.1:2/mcp/srv_1 --header');
  });

  test('without the sample, has no call, and says where a server goes', () => {
    const { sampleServer: _, ...rest } = addresses;
    const text = greet(rest, undefined, '.toolplane/env');
    expect(text).not.toContain('A call');
    expect(text).toContain('claude mcp add --transport http SERVER http://127.0.0.1:2/mcp/SERVER --header');
  });
});

test('the environment file gives a shell the addresses, the keys and the command line tool', () => {
  const file = toShellEnvironment(addresses, { node: '/bin/echo', file: 'a path' });
  const script = `${file}\nprintf '%s|' "$API" "$KEY" "$SAMPLE_KEY"; toolplane run "x y"`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(
    "http://127.0.0.1:1|tp_live_1|it's a key|a path run x y\n",
  );
});

test('ranges that the caller allows are reachable in addition to this machine', () => {
  expect(describeEgress({ EGRESS_ALLOW_CIDRS: '10.0.0.0/8' }).allowCidrs).toEqual([
    '127.0.0.0/8',
    '::1/128',
    '10.0.0.0/8',
  ]);
});
