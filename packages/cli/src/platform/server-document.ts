import type { Reference } from '@toolplane/compiler';
import type { Diagnostic } from '@toolplane/contracts';
import { z } from 'zod';
import { compileForServer } from '../documents/compile-for-server.ts';
import { type Api, listAll, pathTo } from './api.ts';
import { type McpServer, serverSchema } from './server.ts';

/** What a document is compiled for, and which one runs. */
export const shownServerSchema = serverSchema.extend({
  activeDeploymentId: z.string().nullable(),
  /** The connector instance whose server it is. */
  connectorInstanceId: z.string().nullable(),
  sourceServers: z.record(z.string(), z.string()),
  config: z.looseObject({ allowedHosts: z.array(z.string()) }),
  mode: z.enum(['NORMAL', 'SMART']),
  isPublic: z.boolean(),
});
export type ShownServer = z.infer<typeof shownServerSchema>;

export const secretSchema = z.looseObject({
  ...{ name: z.string(), hosts: z.array(z.string()), version: z.int() },
  isPinned: z.boolean(),
  lastUsedAt: z.string().nullable(),
});
export type Secret = z.infer<typeof secretSchema>;

const deploymentSchema = z.looseObject({
  createdAt: z.string(),
  definition: z.string(),
  references: z.array(z.looseObject({ name: z.string(), content: z.string(), location: z.string() })),
});
export type DeployedDocument = z.infer<typeof deploymentSchema>;

export async function listSecrets(api: Api, { id }: McpServer): Promise<Secret[]> {
  return listAll(api, pathTo('mcp-servers', id, 'secrets'), secretSchema);
}

/** What runs, with the documents that it refers to; undefined: nothing was deployed. */
export async function findActiveDocument(api: Api, server: ShownServer): Promise<DeployedDocument | undefined> {
  if (server.activeDeploymentId === null) return undefined;
  const path = pathTo('mcp-servers', server.id, 'deployments', server.activeDeploymentId);
  return (await api('GET', path, deploymentSchema)).data;
}

/** As the platform compiles it for this server. */
export function compileFor(
  { slug, mode, sourceServers, config: { allowedHosts } }: ShownServer,
  secrets: readonly Secret[],
  document: Pick<DeployedDocument, 'definition' | 'references'>,
) {
  const secretNames = secrets.map(({ name }) => name);
  return compileForServer(document, { secretNames, allowedHosts, sourceServers, slug, mode });
}

/** What is to be said of a document that runs already, as when it was deployed. */
export async function listWarnings(
  api: Api,
  name: string,
  { definition, references }: Pick<DeployedDocument, 'definition' | 'references'>,
): Promise<Diagnostic[]> {
  const { data: server } = await api('GET', pathTo('mcp-servers', name), shownServerSchema);
  const secrets = await listSecrets(api, server);
  // What the platform fetched is here only as it was kept.
  const fetched = (await findActiveDocument(api, server))?.references ?? [];
  const isGiven = (kept: Reference) => references.some((each) => each.name === kept.name);
  const all = [...references, ...fetched.filter((kept) => !isGiven(kept))];
  const { diagnostics, secrets: needed } = await compileFor(server, secrets, { definition, references: all });
  const used = secrets.filter((secret) => needed.includes(secret.name));
  return [...diagnostics, ...(await Promise.all(used.map((secret) => warnOfUncovered(api, server, secret)))).flat()];
}

export const uncoveredSchema = z.array(z.object({ tool: z.string(), step: z.string(), host: z.string() }));

async function warnOfUncovered(api: Api, { id }: McpServer, { name }: Secret): Promise<Diagnostic[]> {
  const path = pathTo('mcp-servers', id, 'secrets', name);
  const { data } = await api('GET', path, z.object({ uncovered: uncoveredSchema }));
  return data.uncovered.map(({ tool, step, host }) => ({
    ...{ severity: 'warning', code: 'secret_host_denied', pointer: '', line: 1, column: 1 },
    message: `The step ${step} of ${tool} sends the secret ${name} to ${host}, for which it was not sealed`,
    hint: `Calls will fail there. Store it again, sealed for ${host} as well, if that is where it belongs.`,
  }));
}
