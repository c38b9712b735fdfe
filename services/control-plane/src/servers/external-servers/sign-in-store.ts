import type { Tenant, Transaction } from '../../platform/database/database.ts';

/** A sign-in in progress of the platform to an external server. */
export type PendingSignIn = {
  stateHash: string;
  workspaceId: string;
  serverId: string;
  externalServerId: string;
  /** The URL of the external server at the start of the sign-in. */
  url: string;
  session: string;
  expiresAt: Date;
};

export async function insertSignIn(tx: Transaction, started: PendingSignIn): Promise<void> {
  await tx.externalSignIn.createMany({ data: started });
}

/** Runs as the platform, because a returning browser has no key. */
export async function hasSignIn(tx: Transaction, stateHash: string): Promise<boolean> {
  return (await tx.externalSignIn.count({ where: { stateHash } })) > 0;
}

/** Runs as the platform. The row is deleted, so nobody can return twice. */
export async function takeSignIn(
  tx: Transaction,
  stateHash: string,
): Promise<(PendingSignIn & { tenant: Tenant }) | undefined> {
  const found = await tx.externalSignIn.findUnique({
    where: { stateHash },
    include: { server: { select: { workspace: { select: { organizationId: true } } } } },
  });
  const { count } = await tx.externalSignIn.deleteMany({ where: { stateHash, expiresAt: { gt: new Date() } } });
  if (found === null || count === 0) return undefined;
  const { server, ...started } = found;
  const { workspaceId } = started;
  return { ...started, tenant: { organizationId: server.workspace.organizationId, workspaceId } };
}

export async function deleteExpiredSignIns(tx: Transaction): Promise<void> {
  await tx.externalSignIn.deleteMany({ where: { expiresAt: { lt: new Date() } } });
}
