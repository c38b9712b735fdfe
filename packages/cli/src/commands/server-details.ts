import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { type Api, pathTo } from '../platform/api.ts';
import { stateOf } from '../platform/server.ts';
import {
  compileFor,
  type DeployedDocument,
  findActiveDocument,
  listSecrets,
  type ShownServer,
  shownServerSchema,
} from '../platform/server-document.ts';
import { toFacts } from '../showing/table.ts';

const configSchema = z.looseObject({
  tools: z.array(z.looseObject({ name: z.string() })),
  metaTools: z.array(z.string()),
});

/** Every MCP endpoint speaks both. */
const TRANSPORTS = ['streamable-http', 'sse'];

type NeededSecret = { name: string; isSet: boolean };

export function addServerDetails(servers: Command, { api, show }: CommandContext): void {
  servers
    .command('get')
    .summary('say what there is to know of one')
    .description('Say what there is to know of one: its state and endpoint, what runs, and which secrets it lacks.')
    .argument('<server>', 'name or id')
    .action(async (name: string) => {
      const { data: server } = await api()('GET', pathTo('mcp-servers', name), shownServerSchema);
      const { data: config } = await api()('GET', pathTo('mcp-servers', server.id, 'config'), configSchema);
      const deployed = await findActiveDocument(api(), server);
      const secrets = await listNeeded(api(), server, deployed);
      const tools = config.tools.map((tool) => tool.name);
      const found = { ...server, transports: TRANSPORTS, deployedAt: deployed?.createdAt ?? null, tools, secrets };
      show(found, () =>
        toFacts({
          Name: server.slug,
          Id: server.id,
          State: stateOf(server),
          Mode: server.mode,
          Endpoint: `${server.url}${server.isPublic ? ', for anybody' : ''}`,
          Transports: `Streamable HTTP; for older clients HTTP+SSE, also at ${server.url}/sse`,
          'Data planes': server.pool === null ? undefined : `of the pool ${server.pool}`,
          'Connector instance': server.connectorInstanceId ?? undefined,
          Deployment: deployed && `${server.activeDeploymentId} of ${deployed.createdAt}`,
          Tools: server.isStopped
            ? 'none while it is stopped'
            : `${tools.length}${server.mode === 'SMART' ? `, and ${config.metaTools.length} to find those of the workspace` : ''}`,
          Secrets:
            secrets.map(({ name: secret, isSet }) => `${secret} (${isSet ? 'set' : 'NOT SET'})`).join(', ') ||
            undefined,
        }),
      );
    });
}

/** Those that the tools of its document send. The instance of a connector has credentials instead. */
async function listNeeded(
  api: Api,
  server: ShownServer,
  deployed: DeployedDocument | undefined,
): Promise<NeededSecret[]> {
  if (deployed === undefined || server.connectorInstanceId !== null) return [];
  const stored = await listSecrets(api, server);
  const { secrets } = await compileFor(server, stored, deployed);
  return secrets.map((name) => ({ name, isSet: stored.some((secret) => secret.name === name) }));
}
