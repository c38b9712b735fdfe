import type { Transaction } from '../platform/database/database.ts';
import type { Server } from './store.ts';

/** Something that the secret store of a pool still contains for a server that moves to another pool. */
export type LeftBehind = { kind: 'secret' | 'credentials' | 'sign-in'; name: string };

export async function listLeftBehind(
  tx: Transaction,
  { id, connectorInstanceId }: Pick<Server, 'id' | 'connectorInstanceId'>,
): Promise<LeftBehind[]> {
  const order = { orderBy: { name: 'asc' } } as const;
  const secrets = await tx.secret.findMany({
    where: { serverId: id, version: { gt: 0 } },
    select: { name: true },
    ...order,
  });
  const signIns = await tx.externalServer.findMany({
    where: { serverId: id, mayHoldTokens: true },
    select: { name: true },
    ...order,
  });
  const credentials =
    connectorInstanceId === null
      ? []
      : await tx.connectorCredential.findMany({ where: { instanceId: connectorInstanceId }, distinct: ['scope'] });
  return [
    ...secrets.map(({ name }) => ({ kind: 'secret' as const, name })),
    ...credentials.map(({ scope }) => ({ kind: 'credentials' as const, name: scope })),
    ...signIns.map(({ name }) => ({ kind: 'sign-in' as const, name })),
  ];
}
