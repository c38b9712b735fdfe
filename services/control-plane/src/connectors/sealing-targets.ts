import { type CredentialRef, notValid, type SealingTarget } from '@toolplane/contracts';
import {
  credentialAudience,
  externalClientAudience,
  inspectionAudience,
  secretAudience,
  singleSignOnAudience,
} from '@toolplane/sealing';
import type { Database } from '../platform/database/database.ts';
import { orNotFound } from '../platform/or-not-found.ts';
import type { Principal } from '../platform/principals/principal.ts';
import { findSignInRef } from '../servers/external-servers/attached.ts';
import type { SealingKeys } from '../servers/secrets/sealing-keys.ts';
import { getServer } from '../servers/server-record.ts';
import { type CredentialRequest, toCredentialRef } from './credentials/credential-subject.ts';
import { getInstance, type Instance } from './instances/connector-instances.ts';

/**
 * The purpose of a value, in names that people know. Exactly one of `server`, `instance`, `issuer` and `url` is set.
 */
export type SealingPurpose = {
  /** A server. The next two fields name one of its secrets, or an external server whose client the value is for. */
  server?: string | undefined;
  secret?: string | undefined;
  externalServer?: string | undefined;
  /** A connector instance. The fields after it determine whose credentials they are. */
  instance?: string | undefined;
  scope?: CredentialRequest['scope'] | undefined;
  subject?: string | undefined;
  /** The issuer of single sign-on. */
  issuer?: string | undefined;
  /** The URL of an external server that is only inspected. */
  url?: string | undefined;
};

/** Returns what to seal for, so that clients need not know the internal ids in the audience. */
export type SealingTargets = {
  get(principal: Principal, purpose: SealingPurpose): Promise<SealingTarget>;
  /** The target for the credentials of a person with a connect link. */
  ofCredential(instance: Instance, ref: CredentialRef): Promise<SealingTarget>;
};

export function createSealingTargets({
  database,
  sealingKeys,
}: {
  database: Database;
  sealingKeys: Pick<SealingKeys, 'get'>;
}): SealingTargets {
  const toTarget = async (pool: string | null, audience: string) => ({ key: await sealingKeys.get(pool), audience });

  async function ofServer(principal: Principal, server: string, { secret, externalServer }: SealingPurpose) {
    const { pool, audience } = await database.within(principal, async (tx) => {
      const { id: serverId, workspaceId, pool } = await getServer(tx, server);
      if (secret !== undefined) return { pool, audience: secretAudience({ workspaceId, serverId, name: secret }) };
      const signIn = orNotFound(await findSignInRef(tx, serverId, externalServer), 'external server');
      return { pool, audience: externalClientAudience(signIn) };
    });
    return toTarget(pool, audience);
  }

  async function ofInstance(principal: Principal, id: string, { scope = 'workspace', subject }: SealingPurpose) {
    const instance = await database.within(principal, (tx) => getInstance(tx, id));
    const ref = toCredentialRef(principal, instance, { scope, subject }, 'query');
    return toTarget(instance.pool, credentialAudience(ref));
  }

  return {
    async get(principal, purpose) {
      refuseUnclear(purpose);
      const { server, instance, issuer, url } = purpose;
      if (server !== undefined) return ofServer(principal, server, purpose);
      if (instance !== undefined) return ofInstance(principal, instance, purpose);
      if (issuer !== undefined) return toTarget(null, singleSignOnAudience(principal.organizationId, issuer));
      return toTarget(null, inspectionAudience(principal.workspaceId, url ?? ''));
    },
    ofCredential: (instance, ref) => toTarget(instance.pool, credentialAudience(ref)),
  };
}

function refuseUnclear({
  server,
  secret,
  externalServer,
  instance,
  scope,
  subject,
  issuer,
  url,
}: SealingPurpose): void {
  const count = (...values: unknown[]) => values.filter((value) => value !== undefined).length;
  const hasOnePlace = count(server, instance, issuer, url) === 1;
  const fitsServer = count(secret, externalServer) === (server === undefined ? 0 : 1);
  const fitsInstance = instance !== undefined || count(scope, subject) === 0;
  if (hasOnePlace && fitsServer && fitsInstance) return;
  const message =
    'must name one place: server and secret, server and externalServer, instance (with scope and subject), issuer, or url';
  throw notValid([{ path: 'query', message }]);
}
