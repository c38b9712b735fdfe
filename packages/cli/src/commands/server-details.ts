import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { dataOf, diagnosticSchema, type PlatformApi } from '../platform/api.ts';
import { serverSchema, stateOf } from '../platform/server.ts';
import { toFacts } from '../showing/table.ts';
import { deploymentSchema } from './deployments.ts';

const detailsSchema = serverSchema.extend({
  activeDeploymentId: z.string().nullable(),
  /** The connector instance to which the server belongs. */
  connectorInstanceId: z.string().nullable(),
  isPublic: z.boolean(),
});
type ServerDetails = z.infer<typeof detailsSchema>;

const missingSecretSchema = z.looseObject({ name: z.string(), hosts: z.array(z.string()) });

const configSchema = z.looseObject({
  tools: z.array(z.looseObject({ name: z.string() })),
  metaTools: z.array(z.string()),
  /** Secrets that the deployed document or attached servers use, and that are not set. */
  missingSecrets: z.array(missingSecretSchema),
  /** Advice on the names and the number of the tools. */
  diagnostics: z.array(diagnosticSchema),
});

/** Every MCP endpoint supports both. */
const TRANSPORTS = ['streamable-http', 'sse'];

export function addServerDetails(servers: Command, { api, show }: CommandContext): void {
  servers
    .command('get')
    .summary('show the details of a server')
    .description(
      'Show the details of a server: its state and endpoint, what is running, which secrets are missing, and advice on its tools.',
    )
    .argument('<server>', 'name or id')
    .action(async (name: string) => {
      const found = await api().GET('/mcp-servers/{id}', { params: { path: { id: name } } });
      const server = dataOf(api(), detailsSchema, found);
      const params = { path: { id: server.id } };
      const config = dataOf(api(), configSchema, await api().GET('/mcp-servers/{id}/config', { params }));
      const { metaTools, missingSecrets, diagnostics } = config;
      const deployedAt = await findDeployedAt(api(), server);
      const tools = config.tools.map((tool) => tool.name);
      show({ ...server, transports: TRANSPORTS, deployedAt, tools, missingSecrets, diagnostics }, () =>
        toFacts({
          Name: server.slug,
          Id: server.id,
          State: stateOf(server),
          Mode: server.mode,
          Endpoint: `${server.url}${server.isPublic ? ', for anybody' : ''}`,
          Transports: `Streamable HTTP; for older clients HTTP+SSE, also at ${server.url}/sse`,
          'Data planes': server.pool === null ? undefined : `of the pool ${server.pool}`,
          'Connector instance': server.connectorInstanceId ?? undefined,
          Deployment: deployedAt === null ? undefined : `${server.activeDeploymentId} of ${deployedAt}`,
          Tools: server.isStopped
            ? 'none while it is stopped'
            : `${tools.length}${server.mode === 'SMART' ? `, and ${metaTools.length} to find those of the workspace` : ''}`,
          'Secrets not set': missingSecrets.map(toMissing).join('; ') || undefined,
          Advice: diagnostics.map(({ message, hint }) => `${message}. ${hint}`).join(' ') || undefined,
        }),
      );
    });
}

/** Returns null if nothing was deployed. */
async function findDeployedAt(api: PlatformApi, { id, activeDeploymentId }: ServerDetails): Promise<string | null> {
  if (activeDeploymentId === null) return null;
  const params = { path: { id, deploymentId: activeDeploymentId } };
  const answer = await api.GET('/mcp-servers/{id}/deployments/{deploymentId}', { params });
  return dataOf(api, deploymentSchema, answer).createdAt;
}

/** The name of a missing secret, with the hosts for which to seal it. */
function toMissing({ name, hosts }: z.infer<typeof missingSecretSchema>): string {
  return hosts.length === 0 ? name : `${name}, for ${hosts.join(', ')}`;
}
