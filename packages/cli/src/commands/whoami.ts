import type { Command } from 'commander';
import { z } from 'zod';
import type { CommandContext } from '../command-context.ts';
import { dataOf } from '../platform/api.ts';
import { getCurrentKey } from '../platform/current-key.ts';
import { toFacts } from '../showing/table.ts';

const workspaceSchema = z.looseObject({ id: z.string(), organizationId: z.string(), name: z.string() });

export function addWhoami(program: Command, { api, show }: CommandContext): void {
  program
    .command('whoami')
    .alias('status')
    .summary('show the platform, key and workspace in use')
    .description(
      'Show which platform, key and workspace commands use, and what the key may do. Fails if the key is not valid.',
    )
    .action(async () => {
      const { api: platform, profile } = api().login;
      const key = await getCurrentKey(api());
      const params = { path: { id: key.workspaceId } };
      const workspace = dataOf(api(), workspaceSchema, await api().GET('/workspaces/{id}', { params }));
      show({ platform, profile: profile ?? null, key, workspace }, () =>
        toFacts({
          Platform: platform,
          Profile: profile ?? 'none: TOOLPLANE_API_KEY is set',
          Key: `${key.prefix} (${key.name})`,
          Workspace: `${workspace.name} (${workspace.id})`,
          Organization: workspace.organizationId,
          Permissions: key.permissions.join(', '),
          Servers: key.allowedServers?.join(', '),
          Tools: key.allowedTools?.join(', '),
          Addresses: key.allowedAddresses?.join(', '),
          Expires: key.expiresAt ?? 'never',
        }),
      );
    });
}
