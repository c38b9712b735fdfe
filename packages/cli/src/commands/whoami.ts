import { keyIdAt, parseApiKey } from '@toolplane/contracts';
import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { type Api, listAll, pathTo } from '../platform/api.ts';
import { ApiError } from '../platform/api-error.ts';
import { toFacts } from '../showing/table.ts';

const workspaceSchema = z.looseObject({ id: z.string(), organizationId: z.string(), name: z.string() });

/** The part of `ApiKey` of the API that is shown. */
const keySchema = z.looseObject({
  prefix: z.string(),
  name: z.string(),
  workspaceId: z.string(),
  permissions: z.array(z.string()),
  expiresAt: z.string().nullable(),
  allowedServers: z.array(z.string()).nullable(),
  allowedTools: z.array(z.string()).nullable(),
});
type Key = z.infer<typeof keySchema>;

export function addWhoami(program: Command, { api, show }: CommandContext): void {
  program
    .command('whoami')
    .alias('status')
    .summary('show the platform, key and workspace in use')
    .description(
      'Show which platform, key and workspace commands use, and what the key may do. Fails if the key is not valid.',
    )
    .action(async () => {
      const { api: platform, key, profile } = api().login;
      const workspaces = await listAll(api(), '/workspaces', workspaceSchema);
      const known = await findKey(api(), key);
      // A key that may create workspaces sees all of them.
      const own = workspaces.filter(({ id }) => known === undefined || id === known.workspaceId);
      const workspace = own.length === 1 ? own[0] : undefined;
      const found = { platform, profile: profile ?? null, key: known ?? null, workspace: workspace ?? null };
      show(found, () =>
        toFacts({
          Platform: platform,
          Profile: profile ?? 'none: TOOLPLANE_API_KEY is set',
          Key: known === undefined ? prefixOf(key) : `${known.prefix} (${known.name})`,
          Workspace: workspace && `${workspace.name} (${workspace.id})`,
          Organization: workspaces[0]?.organizationId,
          Permissions: known?.permissions.join(', ') ?? 'not shown to a key without api-keys:write',
          Servers: known?.allowedServers?.join(', '),
          Tools: known?.allowedTools?.join(', '),
          Expires: known && (known.expiresAt ?? 'never'),
        }),
      );
    });
}

/** A key says its id; only one with `api-keys:write` may look at it. */
async function findKey(api: Api, key: string): Promise<Key | undefined> {
  const { keyId } = parseApiKey(key) ?? {};
  if (keyId === undefined) return undefined;
  try {
    return (await api('GET', pathTo('api-keys', keyId), keySchema)).data;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return undefined;
    throw error;
  }
}

/** As the platform names it: never what proves it. */
function prefixOf(key: string): string {
  return parseApiKey(key) === undefined ? 'in an unknown format' : `tp_live_${keyIdAt(key)}`;
}
