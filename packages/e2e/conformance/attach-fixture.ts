import type { SealingKey } from '@toolplane/contracts';
import { sealSecret } from '@toolplane/sealing';
import { type DeployedServer, listToolNames, type TestPlatform, until } from '../src/platform.ts';

/**
 * A server that has nothing of its own: the fixture is attached to it as an external MCP server, under its own names,
 * so that what the suite asks goes through an edge and a data plane to the same platform again.
 */
export async function attachFixture(platform: TestPlatform, fixture: DeployedServer): Promise<DeployedServer> {
  const key = await platform.rest.call<SealingKey>('GET', '/sealing-key');
  if (key === undefined) throw new Error('there is no sealing key');
  const { host } = new URL(platform.mcp);
  const sealed = await sealSecret(key, { value: platform.apiKey, hosts: [host] });
  const allow = ['elicitation', 'sampling', 'roots'];
  const external = { name: 'fixture', url: `${platform.mcp}/mcp/${fixture.id}`, tools: ['*'], prefix: '', allow };
  const server = await platform.rest.call<DeployedServer>('POST', '/mcp-servers', {
    name: 'gateway',
    mode: 'NORMAL',
    externalMcpConfigs: [{ ...external, headers: { 'x-api-key': { sealed } } }],
  });
  if (server === undefined) throw new Error('the gateway was not made');
  await until(async () => (await listToolNames(platform, server.id)).length > 0);
  return server;
}
