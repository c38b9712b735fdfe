import { expect, test } from '@jest/globals';
import { prepareLists } from './prepared-lists.ts';

test('a tool of an external server that nobody has approved is marked (T44)', () => {
  const inputSchema = { type: 'object' };
  const tools = [
    { name: 'approved', inputSchema },
    { name: 'unreviewed', inputSchema, isUnreviewed: true as const },
  ];
  const manifest = { tools: [] } as unknown as Parameters<typeof prepareLists>[0];
  const { legacy, modern } = prepareLists(manifest, {}, { tools, isForEverybody: false }).firstPage('tools');
  for (const page of [`{"result":${legacy}`, `{"result":${modern}`]) {
    expect(JSON.parse(page).result.tools).toEqual([
      { name: 'approved', inputSchema },
      { name: 'unreviewed', inputSchema, _meta: { 'io.toolplane/unreviewed': true } },
    ]);
  }
});
