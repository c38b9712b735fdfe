import { toHeaderSecretName } from '@toolplane/contracts';
import { listToolNames } from '../src/plain-client.ts';
import type { DeployedServer, TestPlatform } from '../src/platform.ts';
import { sealFor } from '../src/seal-for.ts';
import { until } from '../src/until.ts';

/**
 * Creates a server without tools of its own: the fixture is attached to it as an external MCP server, under the
 * fixture's own names, so that the suite's requests go through an edge and a data plane to the same platform again.
 */
export async function attachFixture(platform: TestPlatform, fixture: DeployedServer): Promise<DeployedServer> {
  const allow = ['elicitation', 'sampling', 'roots'];
  const external = { name: 'fixture', url: `${platform.mcp}/mcp/${fixture.id}`, tools: ['*'], prefix: '', allow };
  const server = await platform.rest.call<DeployedServer>('POST', '/mcp-servers', {
    name: 'gateway',
    mode: 'NORMAL',
  });
  if (server === undefined) throw new Error('the gateway was not made');
  const purpose = { server: server.id, secret: toHeaderSecretName('fixture', 'x-api-key') };
  const secret = { value: platform.apiKey, hosts: [new URL(platform.mcp).host] };
  const headers = { 'x-api-key': { sealed: await sealFor(platform.rest, purpose, secret) } };
  await platform.rest.call('PATCH', `/mcp-servers/${server.id}`, { externalMcpConfigs: [{ ...external, headers }] });
  await until(async () => (await listToolNames(platform, server.id)).length > 0);
  return server;
}
