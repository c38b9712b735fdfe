import { AppError, notValid } from '@toolplane/contracts';
import type { Logger } from '@toolplane/service-kit';
import { nearestSlugs } from '../../catalogue/nearest-slugs.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Commands } from '../../platform/commands/commands.ts';
import type { Database } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import { relistTools } from '../deployments/relist-tools.ts';
import type { Secrets } from '../secrets/secrets.ts';
import { getLockedServer, getServer } from '../server-record.ts';
import { createInspect } from './inspect.ts';
import { createLoadTools, type LoadTools } from './load-tools.ts';
import { createPrepareAttached, type PrepareAttached } from './prepare-attached.ts';
import { createRefreshAttached, type RefreshAttached } from './refresh-attached.ts';
import { pinTools, type Reviewable, reviewTools } from './review.ts';
import { listAttached, saveFindings } from './store.ts';

/** A tool to approve. `digest` is the digest of the tool as somebody saw it. */
export type ToolApproval = { name: string; digest?: string };

/** Manages the external MCP servers whose tools are offered by servers. */
export type ExternalServers = {
  prepare: PrepareAttached;
  /**
   * Approves new or changed tools as they are now: either the given tools or all. Returns their names. Rejects with
   * `conflict` if the digest of a tool has changed.
   */
  approve(
    principal: Principal,
    idOrSlug: string,
    name: string,
    tools: readonly ToolApproval[] | undefined,
  ): Promise<{ approved: string[] }>;
  loadTools: LoadTools;
  /** Checks the external servers that are due. */
  refreshDue: RefreshAttached['refreshDue'];
  refresh: RefreshAttached['refresh'];
};

export function createExternalServers(options: {
  database: Database;
  changes: ChangeNotices;
  commands: Commands;
  secrets: Pick<Secrets, 'put' | 'remove'>;
  refreshMs: number;
  logger: Logger;
}): ExternalServers {
  const { database, changes } = options;
  const inspect = createInspect(options);
  return {
    prepare: createPrepareAttached({ ...options, inspect }),
    ...createRefreshAttached({ ...options, inspect }),
    loadTools: createLoadTools({ inspect }),
    async approve(principal, idOrSlug, name, asked) {
      const { serverId, tools } = await database.within(principal, async (tx) => {
        const { id: serverId } = await getServer(tx, idOrSlug);
        await getLockedServer(tx, serverId);
        const attached = (await listAttached(tx, serverId)).find((each) => each.name === name);
        const { id, ...reviewable } = orNotFound(attached, 'external server');
        const tools = chooseTools(reviewable, asked);
        const pins = pinTools(reviewable, (tool) => tools.includes(tool));
        await saveFindings(tx, id, { declared: reviewable.declared, pins });
        await relistTools(tx, serverId);
        await changes.markServerUnpublished(tx, serverId);
        return { serverId, tools };
      });
      await changes.notify('server.changed', serverId);
      return { approved: tools };
    },
  };
}

/** The requested tools that can be approved. */
function chooseTools(attached: Reviewable, asked: readonly ToolApproval[] | undefined): string[] {
  const reviewed = reviewTools(attached).filter(({ status }) => status === 'new' || status === 'changed');
  const digests = new Map(reviewed.map(({ name, digest }) => [name, digest]));
  const waiting = [...digests.keys()];
  if (asked === undefined) return waiting;
  const details = asked.flatMap(({ name }, index) => {
    if (digests.has(name)) return [];
    const message = 'is not a new or changed tool';
    return [{ path: `body.tools.${index}`, message, suggestions: nearestSlugs(name, waiting) }];
  });
  if (details.length > 0) throw notValid(details);
  const others = asked.filter(({ name, digest }) => digest !== undefined && digest !== digests.get(name));
  if (others.length > 0) {
    const names = others.map(({ name }) => name).join(', ');
    throw new AppError('conflict', `The server now declares something else: review ${names} again`);
  }
  return asked.map(({ name }) => name);
}
