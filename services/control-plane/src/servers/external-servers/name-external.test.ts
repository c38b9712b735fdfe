import { expect, test } from '@jest/globals';
import { nameExternalTools } from './name-external.ts';

type Servers = Parameters<typeof nameExternalTools>[1];
const nameOf = (own: string[], servers: Servers, server: string, tool: string) =>
  nameExternalTools(own, servers).get(server, tool);
const left = { reason: expect.any(String) };

test.each([
  ['its prefix', [], [{ name: 'a', prefix: 'a__', tools: ['find'] }], { exposedAs: 'a__find' }],
  ['no prefix', [], [{ name: 'a', prefix: '', tools: ['find'] }], { exposedAs: 'find' }],
  [
    'its server, where the server has such a tool itself',
    ['find'],
    [{ name: 'a', prefix: '', tools: ['find'] }],
    {
      exposedAs: 'a__find',
    },
  ],
  ['nothing, where both are taken (B116)', ['find', 'a__find'], [{ name: 'a', prefix: '', tools: ['find'] }], left],
])('a tool is called by its name and %s', (_name, own, servers, expected) => {
  expect(nameOf(own, servers, 'a', 'find')).toEqual(expected);
});

test('where two external servers have tools with the same name, both are called by their servers (B116)', () => {
  const servers = ['a', 'b'].map((name) => ({ name, prefix: '', tools: ['find'] }));
  expect(nameOf([], servers, 'a', 'find')).toEqual({ exposedAs: 'a__find' });
  expect(nameOf([], servers, 'b', 'find')).toEqual({ exposedAs: 'b__find' });
});

test.each(['discover_tools', 'get_tool_schemas', 'execute_tools', 'manage_connections'])(
  'no external tool is called %s, which is the name of a tool of the platform (B116)',
  (tool) => {
    expect(nameOf([], [{ name: 'a', prefix: '', tools: [tool] }], 'a', tool)).toEqual({ exposedAs: `a__${tool}` });
  },
);

test('a name that would be too long is left out', () => {
  const tool = 'x'.repeat(126);
  expect(nameOf([], [{ name: 'a', prefix: 'a__', tools: [tool] }], 'a', tool)).toEqual(left);
});
