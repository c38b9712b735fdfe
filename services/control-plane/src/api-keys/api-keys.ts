import { randomBytes } from 'node:crypto';
import { AppError, apiKeyBytes, formatApiKey, type Permission, parseApiKey } from '@toolplane/contracts';
import { hashApiKey, isApiKey } from '@toolplane/sealing';
import type { Page, PageRequest, SecretValue } from '@toolplane/service-kit';
import type { Principal } from '../access/principal.ts';
import type { Database, Transaction } from '../database/database.ts';
import { orNotFound } from '../or-not-found.ts';
import type { Publishing } from '../publishing/publishing.ts';
import { findWorkspace } from '../workspaces/workspaces.ts';
import * as store from './store.ts';

export { findKeyProof } from './store.ts';

export type KeyRequest = {
  name: string;
  description?: string | undefined;
  expiresAt?: string | undefined;
  permissions?: Permission[] | undefined;
  mayAssertUser?: boolean | undefined;
  workspaceId?: string | undefined;
};

/** The key itself is in this answer and nowhere else. */
export type ShownApiKey = store.ApiKey & { key: string };

export type AdoptedGrant = { workspaceId: string; name: string; permissions: Permission[] };

export type ApiKeys = {
  create(creator: Principal, request: KeyRequest): Promise<ShownApiKey>;
  list(principal: Principal, page: PageRequest): Promise<Page<store.ApiKey>>;
  get(principal: Principal, id: string): Promise<store.ApiKey>;
  revoke(principal: Principal, id: string): Promise<store.ApiKey>;
  /** Whose key it is; undefined when it is none, revoked or expired. */
  verify(key: string): Promise<Principal | undefined>;
  /** For whoever makes a workspace: its first key, in the same transaction. */
  issue(
    tx: Transaction,
    workspaceId: string,
    request: KeyRequest & { permissions: Permission[] },
  ): Promise<ShownApiKey>;
  /** Takes a key that was made elsewhere. False when it was revoked here, which counts more. */
  adopt(tx: Transaction, key: SecretValue, grant: AdoptedGrant): Promise<boolean>;
};

/** What a key may do unless its creator says otherwise: work in its own workspace. */
const DEFAULT_PERMISSIONS: Permission[] = [
  'tools:call',
  'servers:read',
  'servers:write',
  'secrets:write',
  'api-keys:write',
];

/** The time of the last use need not be exact, so it is written at most once a minute. */
const LAST_USE_MS = 60_000;

export function createApiKeys(options: { database: Database; publishing: Publishing; pepper: SecretValue }): ApiKeys {
  const { database, publishing } = options;
  const pepper = options.pepper.reveal();

  async function create(creator: Principal, request: KeyRequest): Promise<ShownApiKey> {
    const permissions = grantedPermissions(creator, request.permissions);
    const { mayAssertUser = creator.mayAssertUser } = request;
    if (mayAssertUser && !creator.mayAssertUser) {
      throw new AppError('forbidden', 'A key cannot grant what its creator lacks: mayAssertUser');
    }
    if (request.expiresAt !== undefined && Date.parse(request.expiresAt) <= Date.now()) {
      throw new AppError('invalid_request', 'The request is not valid', {
        details: [{ path: 'body.expiresAt', message: 'must be in the future' }],
      });
    }
    const workspaceId = await targetWorkspace(creator, request.workspaceId);
    const tenant = { organizationId: creator.organizationId, workspaceId };
    const shown = await database.within(tenant, (tx) =>
      issue(tx, workspaceId, { ...request, permissions, mayAssertUser }),
    );
    await publishing.publishApiKeySoon(shown.id);
    return shown;
  }

  async function issue(tx: Transaction, workspaceId: string, request: KeyRequest & { permissions: Permission[] }) {
    const { keyId, key } = formatApiKey({
      keyId: randomBytes(apiKeyBytes.keyId),
      secret: randomBytes(apiKeyBytes.secret),
    });
    const { name, description = null, permissions, mayAssertUser = true, expiresAt } = request;
    const stored = await store.insertApiKey(tx, {
      ...{ id: keyId, workspaceId, hash: hashApiKey(pepper, key), name, description, permissions, mayAssertUser },
      expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
    });
    return { ...stored, key };
  }

  async function adopt(tx: Transaction, secret: SecretValue, grant: AdoptedGrant) {
    const key = secret.reveal();
    const id = parseApiKey(key)?.keyId;
    if (id === undefined) throw new AppError('internal', 'What is to be adopted is not an API key');
    const proof = { id, hash: hashApiKey(pepper, key), description: null, expiresAt: null };
    const { revokedAt } = await store.upsertApiKey(tx, { ...proof, ...grant });
    return revokedAt === null;
  }

  /** Another workspace of the own organization, for those who may make workspaces. */
  async function targetWorkspace(creator: Principal, workspaceId = creator.workspaceId): Promise<string> {
    if (workspaceId === creator.workspaceId) return workspaceId;
    orNotFound(await database.within(creator, (tx) => findWorkspace(tx, workspaceId)));
    if (!creator.permissions.includes('workspaces:write')) {
      throw new AppError('forbidden', 'A key for another workspace needs the permission workspaces:write');
    }
    return workspaceId;
  }

  async function verify(key: string): Promise<Principal | undefined> {
    const parsed = parseApiKey(key);
    if (parsed === undefined) return undefined;
    const { keyId } = parsed;
    return database.asPlatform(async (tx) => {
      const proof = await store.findKeyProof(tx, keyId);
      // An unknown key costs the same hash as a wrong one.
      const isRight = isApiKey(pepper, key, proof?.hash ?? '0'.repeat(64));
      const now = Date.now();
      if (!isRight || proof === undefined || proof.revokedAt !== null) return undefined;
      if (proof.expiresAt !== null && proof.expiresAt.getTime() <= now) return undefined;
      if (now - (proof.lastUsedAt?.getTime() ?? 0) > LAST_USE_MS) await store.recordUse(tx, keyId, new Date(now));
      const { organizationId, workspaceId, permissions, mayAssertUser } = proof;
      return { actor: { kind: 'key', keyId }, organizationId, workspaceId, permissions, mayAssertUser };
    });
  }

  async function revoke(principal: Principal, id: string): Promise<store.ApiKey> {
    const revoked = orNotFound(await database.within(principal, (tx) => store.revokeApiKey(tx, id)));
    await publishing.publishApiKeySoon(id);
    return revoked;
  }

  return {
    create,
    issue,
    adopt,
    verify,
    revoke,
    list: (principal, page) => database.within(principal, (tx) => store.listApiKeys(tx, page)),
    get: async (principal, id) => orNotFound(await database.within(principal, (tx) => store.findApiKey(tx, id))),
  };
}

/** Nobody grants what they lack. */
function grantedPermissions(creator: Principal, asked?: Permission[]): Permission[] {
  if (asked === undefined) return DEFAULT_PERMISSIONS.filter((permission) => creator.permissions.includes(permission));
  const lacking = asked.filter((permission) => !creator.permissions.includes(permission));
  if (lacking.length > 0) {
    throw new AppError('forbidden', `A key cannot grant what its creator lacks: ${lacking.join(', ')}`);
  }
  return [...new Set(asked)];
}
