import { expect, test } from '@jest/globals';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { unknownTool } from './unknown-tool.ts';

const names = ['list_trains', 'find_trains', 'find_train', 'book_berth'];
const server = { isSmart: false, tools: new Map(names.map((name) => [name, {}])) } as unknown as HostedServer;

test.each([
  ['Find_Trians', 'Unknown tool; similar tools: find_trains, find_train'],
  ['book-berth', 'Unknown tool; similar tools: book_berth'],
  ['transfer_money', 'Unknown tool; the tools are list_trains, find_trains, find_train, book_berth'],
  ['book_berth'.repeat(10), 'Unknown tool; the tools are list_trains, find_trains, find_train, book_berth'],
  [undefined, 'params.name must be the name of a tool'],
  [7, 'params.name must be the name of a tool'],
])('a call of %j says what a model can do about it', (name, message) => {
  expect(unknownTool(server, name)).toMatchObject({ code: -32602, message });
});

test.each([0, 11])('of a server with %i tools, none that is not similar is named', (count) => {
  const tools = new Map(Array.from({ length: count }, (_, n) => [`tool_${n}`, {}]));
  expect(unknownTool({ isSmart: false, tools } as unknown as HostedServer, 'transfer_money')).toMatchObject({
    message: 'Unknown tool',
  });
});
