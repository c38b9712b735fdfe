import { randomBytes } from 'node:crypto';
import type { SeenCaller } from '@toolplane/bus';
import { AppError, apiKeyBytes, formatApiKey, notValid, type Permission, parseApiKey } from '@toolplane/contracts';
import { hashApiKey } from '@toolplane/sealing';
import type { SecretValue } from '@toolplane/service-kit';
import type { ListPage } from '@toolplane/service-kit/http';
import { findWorkspace } from '../../identity/workspaces/workspaces.ts';
import type { ChangeNotices } from '../../platform/change-notices.ts';
import type { Database, Transaction } from '../../platform/database/database.ts';
import { orNotFound } from '../../platform/or-not-found.ts';
import { partyOfFirstKey } from '../../platform/principals/parties.ts';
import type { Principal } from '../../platform/principals/principal.ts';
import type { Quotas } from '../../platform/quotas/quotas.ts';
import { lockAgentFor } from '../agents/agents.ts';
import {
  refuseBeyondAddresses,
  refuseBeyondExpiry,
  refuseGrantingMore,
  refuseGrantingUsers,
  refusePast,
  refuseRevokingStronger,
  refuseSpeakingForAgents,
  refuseStronger,
} from './grants.ts';
import {
  type AskedRestrictions,
  refusePermissionsBeyond,
  restrict,
  UNRESTRICTED,
  withinBounds,
} from './restrictions.ts';
import { type Rotation, rotateKey } from './rotate-key.ts';
import * as store from './store.ts';
import { verifyKey } from './verify-key.ts';

export { findKeyProof, findParties } from './store.ts';
export { findKeyRights } from './verify-key.ts';

export type KeyRequest = AskedRestrictions & {
  name: string;
  description?: string | undefined;
  expiresAt?: string | undefined;
  permissions?: Permission[] | undefined;
  mayAssertUser?: boolean | undefined;
  workspaceId?: string | undefined;
  agentId?: string | undefined;
};

/** Fields that are left out stay as they are. */
export type KeyChange = AskedRestrictions & {
  name?: string | undefined;
  description?: string | null | undefined;
  expiresAt?: string | null | undefined;
  permissions?: Permission[] | undefined;
  mayAssertUser?: boolean | undefined;
  agentId?: string | null | undefined;
};

/** The key itself is returned only in this answer. */
export type ShownApiKey = store.ApiKey & { key: string };

export type AdoptedGrant = { workspaceId: string; name: string; permissions: Permission[]; isInternal?: boolean };

export type ApiKeys = {
  create(creator: Principal, request: KeyRequest): Promise<ShownApiKey>;
  list(principal: Principal, request: store.ApiKeyList): Promise<ListPage<store.ApiKey>>;
  get(principal: Principal, id: string): Promise<store.ApiKey>;
  /** The key that makes the request. */
  getCurrent(principal: Principal): Promise<store.ApiKey>;
  change(principal: Principal, id: string, change: KeyChange): Promise<store.ApiKey>;
  /** Replaces a key with a new one; the old one stays valid for a while. */
  rotate(principal: Principal, id: string, rotation: Rotation): Promise<ShownApiKey>;
  revoke(principal: Principal, id: string): Promise<store.ApiKey>;
  /** Returns undefined if the key grants no rights. */
  verify(key: string, address: string): Promise<Principal | undefined>;
  /** Records which keys the edges have seen. */
  noteSeen(seen: SeenCaller[]): Promise<void>;
  /** Issues the first key of an organization, in the transaction that creates the organization. */
  issue(
    tx: Transaction,
    workspaceId: string,
    request: Pick<KeyRequest, 'name'> & { permissions: Permission[] },
  ): Promise<ShownApiKey>;
  /** Adopts a key that was created elsewhere. Resolves to false if it was revoked here, which takes precedence. */
  adopt(tx: Transaction, key: SecretValue, grant: AdoptedGrant): Promise<boolean>;
  /** Ends the internal keys of earlier starts, all but this one. */
  endInternal(tx: Transaction, except: SecretValue | undefined): Promise<void>;
};

/** The default permissions of a key, for work in its own workspace. */
const DEFAULT_PERMISSIONS: Permission[] = [
  'tools:call',
  'servers:read',
  'servers:write',
  'secrets:write',
  'api-keys:write',
];

/** The default permissions of an agent's key, for calling tools. */
const AGENT_PERMISSIONS: Permission[] = ['tools:call', 'servers:read'];

export function createApiKeys(options: {
  database: Database;
  changes: ChangeNotices;
  pepper: SecretValue;
  quotas: Quotas;
}): ApiKeys {
  const { database, changes, quotas } = options;
  const pepper = options.pepper.reveal();
  const requireRoom = ({ organizationId }: Principal) => quotas.requireRoom('apiKeys', organizationId);

  async function create(creator: Principal, request: KeyRequest): Promise<ShownApiKey> {
    const { name, description = null, mayAssertUser = creator.mayAssertUser, agentId = null } = request;
    const expiresAt = request.expiresAt ?? creator.expiresAt?.toISOString() ?? null;
    refuseGrantingMore(creator, request.permissions ?? []);
    refuseGrantingUsers(creator, mayAssertUser);
    refusePast(request.expiresAt);
    refuseBeyondExpiry(creator, expiresAt);
    if (agentId !== null) refuseSpeakingForAgents(creator);
    const workspaceId = await targetWorkspace(creator, request.workspaceId);
    const tenant = { organizationId: creator.organizationId, workspaceId };
    await requireRoom(creator);
    const shown = await database.within(tenant, async (tx) => {
      if (agentId !== null) await lockKnownAgent(tx, agentId, creator.parties);
      const restrictions = await restrict(tx, request, {
        ...UNRESTRICTED,
        allowedAddresses: [...(creator.addresses ?? [])],
      });
      refuseBeyondAddresses(creator, restrictions.allowedAddresses);
      const defaults = agentId === null ? DEFAULT_PERMISSIONS : AGENT_PERMISSIONS;
      const granted = defaults.filter((permission) => creator.permissions.includes(permission));
      const permissions = request.permissions ?? withinBounds(restrictions, granted);
      refusePermissionsBeyond(restrictions, permissions);
      return insert(tx, {
        workspaceId,
        name,
        description,
        mayAssertUser,
        agentId,
        holders: creator.parties,
        ...restrictions,
        permissions: [...new Set(permissions)],
        expiresAt: toDate(expiresAt),
      });
    });
    await changes.notify('api-key.changed', shown.id);
    return shown;
  }

  /** If `holders` is absent, the key is the first key of its organization. */
  async function insert(
    tx: Transaction,
    key: Omit<store.NewApiKey, 'id' | 'hash' | 'holders'> & { holders?: readonly string[] },
  ): Promise<ShownApiKey> {
    const { keyId, key: text } = formatApiKey({
      keyId: randomBytes(apiKeyBytes.keyId),
      secret: randomBytes(apiKeyBytes.secret),
    });
    const holders = key.holders ?? [partyOfFirstKey(keyId)];
    const stored = await store.insertApiKey(tx, { ...key, holders, id: keyId, hash: hashApiKey(pepper, text) });
    return { ...stored, key: text };
  }

  async function change(principal: Principal, id: string, asked: KeyChange): Promise<store.ApiKey> {
    const { name, description, mayAssertUser, agentId, expiresAt } = asked;
    refusePast(expiresAt);
    if (mayAssertUser !== undefined) refuseGrantingUsers(principal, mayAssertUser);
    if (agentId !== undefined) refuseSpeakingForAgents(principal);
    if (expiresAt !== undefined && isOver(await get(principal, id))) await requireRoom(principal);
    const changed = await database.within(principal, async (tx) => {
      orNotFound(await store.findApiKey(tx, id), 'API key');
      if (typeof agentId === 'string') await lockKnownAgent(tx, agentId, await store.findParties(tx, id));
      await store.lockApiKey(tx, id);
      const before = orNotFound(await store.findApiKey(tx, id), 'API key');
      refuseStronger(principal, before);
      if (before.revokedAt !== null) throw new AppError('conflict', 'The key is revoked');
      const permissions = asked.permissions ?? before.permissions;
      refuseGrantingMore(principal, permissions);
      const restrictions = await restrict(tx, asked, store.restrictionsOf(before));
      if (asked.allowedAddresses !== undefined) refuseBeyondAddresses(principal, restrictions.allowedAddresses);
      refusePermissionsBeyond(restrictions, permissions);
      refuseBeyondExpiry(principal, expiresAt === undefined ? before.expiresAt : expiresAt);
      return store.updateApiKey(tx, id, {
        ...restrictions,
        permissions: [...new Set(permissions)],
        ...(name !== undefined && { name }),
        ...(description !== undefined && { description }),
        ...(mayAssertUser !== undefined && { mayAssertUser }),
        ...(agentId !== undefined && { agentId }),
        ...(expiresAt !== undefined && { expiresAt: toDate(expiresAt) }),
      });
    });
    await changes.notify('api-key.changed', id);
    return changed;
  }

  async function rotate(principal: Principal, id: string, rotation: Rotation): Promise<ShownApiKey> {
    refusePast(rotation.expiresAt);
    // A rotation without overlap does not increase the number of keys.
    if (rotation.overlapSeconds > 0) await requireRoom(principal);
    const shown = await database.within(principal, async (tx) =>
      insert(tx, await rotateKey(tx, principal, id, rotation)),
    );
    // The new key is published first, so that a client that switches at once is accepted.
    for (const changed of [shown.id, id]) await changes.notify('api-key.changed', changed);
    return shown;
  }

  async function adopt(tx: Transaction, secret: SecretValue, grant: AdoptedGrant) {
    const key = secret.reveal();
    const id = parseApiKey(key)?.keyId;
    if (id === undefined) throw new AppError('internal', 'The key to adopt is not an API key');
    const holders = [partyOfFirstKey(id)];
    const proof = { id, hash: hashApiKey(pepper, key), holders, description: null, expiresAt: null };
    const { revokedAt } = await store.upsertApiKey(tx, { ...proof, ...grant });
    return revokedAt === null;
  }

  /**
   * Returns the workspace of a new key. Another workspace of the principal's organization requires the right to create
   * workspaces.
   */
  async function targetWorkspace(creator: Principal, workspaceId = creator.workspaceId): Promise<string> {
    if (workspaceId === creator.workspaceId) return workspaceId;
    orNotFound(await database.within(creator, (tx) => findWorkspace(tx, workspaceId)), 'workspace');
    if (!creator.permissions.includes('workspaces:write')) {
      throw new AppError('forbidden', 'Creating a key for another workspace requires the permission workspaces:write');
    }
    return workspaceId;
  }

  async function get(principal: Principal, id: string): Promise<store.ApiKey> {
    return orNotFound(await database.within(principal, (tx) => store.findApiKey(tx, id)), 'API key');
  }

  async function revoke(principal: Principal, id: string): Promise<store.ApiKey> {
    const revoked = await database.within(principal, async (tx) => {
      refuseRevokingStronger(principal, orNotFound(await store.findApiKey(tx, id), 'API key'));
      return orNotFound(await store.revokeApiKey(tx, id), 'API key');
    });
    await changes.notify('api-key.changed', id);
    return revoked;
  }

  return {
    create,
    change,
    rotate,
    adopt,
    endInternal: (tx, except) =>
      store.endInternalKeys(tx, except === undefined ? undefined : parseApiKey(except.reveal())?.keyId),
    verify: (key, address) => verifyKey({ database, pepper }, key, address),
    revoke,
    issue: (tx, workspaceId, { name, permissions }) =>
      insert(tx, { workspaceId, name, description: null, permissions, expiresAt: null, ...UNRESTRICTED }),
    noteSeen: (seen) => database.asPlatform((tx) => store.noteSeen(tx, seen)),
    list: (principal, request) => database.within(principal, (tx) => store.listApiKeys(tx, request)),
    get,
    async getCurrent(principal) {
      const { actor } = principal;
      if (actor.kind !== 'key')
        throw new AppError('not_found', 'The request was made with a session, not with an API key');
      return get(principal, actor.keyId);
    },
  };
}

/**
 * The lock prevents deactivation and deletion until the end of the transaction, so that neither misses a key of the
 * agent.
 */
async function lockKnownAgent(tx: Transaction, agentId: string, holders: readonly string[]): Promise<void> {
  if (await lockAgentFor(tx, agentId, holders)) return;
  throw notValid([{ path: 'body.agentId', message: 'is not an agent of the workspace' }]);
}

/** An expired key no longer counts against a quota. */
function isOver({ expiresAt }: store.ApiKey): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now();
}

function toDate(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
