import type { EgressRules } from '@toolplane/contracts';
import type { Workspace } from '../generated/client.ts';
import type { Transaction } from '../platform/database/database.ts';
import { readEgressHosts } from '../servers/egress-rules/egress-hosts.ts';

export async function takeEgressRules(tx: Transaction, workspaceId: string): Promise<EgressRules | undefined> {
  const taken = await tx.$executeRaw`
    UPDATE workspaces SET egress_revision = nextval('publication_revision'), is_egress_published = true
    WHERE id = ${workspaceId}`;
  return taken === 0 ? undefined : toEgressRules(await tx.workspace.findUniqueOrThrow({ where: { id: workspaceId } }));
}

/** The next workspaces by id. Their rules are locked against changes. */
export async function listPublishedEgressRules(
  tx: Transaction,
  afterId: string,
  limit: number,
): Promise<EgressRules[]> {
  const ids = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM workspaces WHERE is_egress_published AND id > ${afterId} ORDER BY id LIMIT ${limit} FOR SHARE`;
  const where = { id: { in: ids.map(({ id }) => id) } };
  return (await tx.workspace.findMany({ where, orderBy: { id: 'asc' } })).map(toEgressRules);
}

function toEgressRules({ id, egressRevision, egressHosts }: Workspace): EgressRules {
  const { allowHosts, denyHosts } = readEgressHosts(egressHosts);
  return {
    version: 1,
    kind: 'egress',
    workspaceId: id,
    revision: egressRevision,
    denyHosts,
    ...(allowHosts === null ? {} : { allowHosts }),
  };
}
