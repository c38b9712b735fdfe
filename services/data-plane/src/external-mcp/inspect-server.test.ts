import { gunzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { type ExternalServer, externalServerSchema, type JsonObject } from '@toolplane/contracts';
import { z } from 'zod';
import { startLegacyServer, startModernServer, startSseServer } from '../../test/external-servers.ts';
import { createMemoryStore } from '../../test/memory-store.ts';
import { startCommands } from '../../test/start-commands.ts';

const { send } = startCommands(createMemoryStore());

async function inspect(url: string, rest: JsonObject = {}): Promise<ExternalServer> {
  const outcome = await send({ command: 'inspect_external_server', url, headers: [], ...rest });
  if (!outcome.ok || outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
  const { gzipped } = outcome.value as { gzipped: string };
  return externalServerSchema.parse(JSON.parse(gunzipSync(Buffer.from(gzipped, 'base64')).toString()));
}

test('a server of any era and transport tells its tools', async () => {
  await using modern = await startModernServer((server) => {
    server.registerTool(
      'add',
      { description: 'Adds two numbers.', inputSchema: z.object({ a: z.number(), b: z.number() }) },
      ({ a, b }) => ({ content: [{ type: 'text', text: String(a + b) }] }),
    );
  });
  await using legacy = await startLegacyServer((server) => {
    server.registerTool('add', { description: 'Adds two numbers.', inputSchema: { a: z.number() } }, ({ a }) => ({
      content: [{ type: 'text', text: String(a) }],
    }));
  });
  await using old = await startSseServer((server) => {
    server.registerTool('add', { description: 'Adds two numbers.' }, () => ({ content: [] }));
  });
  const found = [await inspect(modern.url), await inspect(legacy.url), await inspect(old.url)];
  expect(found).toEqual([
    expect.objectContaining({ era: 'modern', transport: 'http' }),
    expect.objectContaining({ era: 'legacy', transport: 'http' }),
    expect.objectContaining({ era: 'legacy', transport: 'sse' }),
  ]);
  for (const { tools } of found) {
    expect(tools).toEqual([expect.objectContaining({ name: 'add', description: 'Adds two numbers.' })]);
  }
});
