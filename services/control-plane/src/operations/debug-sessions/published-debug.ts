import type { DebugGrant, Json, ManifestDebug } from '@toolplane/contracts';
import type { Signer } from '@toolplane/sealing';
import type { Transaction } from '../../platform/database/database.ts';
import { findUnended } from './store.ts';

/** The maximum number of servers that a grant names; further servers are not debugged. */
const ORIGINS_MAX = 1000;

/** The published data about the debug session of a server; undefined if it has none. */
export async function readDebugGrant(
  tx: Transaction,
  { id: serverId, workspaceId, pool }: { id: string; workspaceId: string; pool: string | null },
  listOrigins: () => Promise<string[]>,
): Promise<DebugGrant | undefined> {
  // The server was moved to a pool, and the session is about to end.
  if (pool !== null) return undefined;
  const session = await findUnended(tx, serverId);
  if (session === undefined || session.expiresAt.getTime() <= Date.now()) return undefined;
  const { id: sessionId, tokenHash, mayAssertUser, expiresAt, environment } = session;
  const origins = (await listOrigins()).slice(0, ORIGINS_MAX);
  return {
    version: 1,
    kind: 'debug-grant',
    sessionId,
    workspaceId,
    serverId,
    tokenHash,
    ...(mayAssertUser ? {} : { mayAssertUser: false as const }),
    ...(origins.length === 0 ? {} : { origins }),
    expiresAt: expiresAt.getTime(),
    ...(environment === null ? {} : { environment }),
  };
}

/** The value for the manifest: the grant for the data plane, which verifies it, and the data that the edge needs. */
export async function toManifestDebug(grant: DebugGrant, signer: Signer): Promise<ManifestDebug> {
  const { sessionId, expiresAt, tokenHash, mayAssertUser } = grant;
  const signed = await signer.sign(grant as Json);
  return { grant: signed, sessionId, expiresAt, tokenHash, ...(mayAssertUser === false ? { mayAssertUser } : {}) };
}
