/*
 * The published data that edge and data plane use: read from Redis, verified once and kept in memory, so that both
 * continue while the control plane, PostgreSQL or Redis itself is unavailable.
 */
import {
  type ApiKeyRecord,
  AppError,
  type ApprovalDecision,
  type Catalogue,
  type EgressRules,
  type ExternalUserRecord,
  type Issuer,
  type Manifest,
  type Plan,
  type UserRules,
} from '@toolplane/contracts';
import type { Verifier } from '@toolplane/sealing';
import { type BusConnection, firstAttempt, onReady, whenReady } from '../bus-connection.ts';
import { channels, keys } from '../keys.ts';
import { PLATFORM, type PublicationChange, readChangeMessage } from './change.ts';
import type { DocumentLookup } from './document-cache.ts';
import { createDocumentCaches } from './document-caches.ts';
import { createSlugPointers } from './slug-pointers.ts';

export type Snapshot = {
  /**
   * Undefined if it does not exist. Throws `config_unavailable` if that cannot be determined; so do the other getters.
   */
  getManifest(serverId: string): Promise<Manifest | undefined>;
  /** Also undefined for the slug of a deleted server. */
  getManifestBySlug(workspaceId: string, slug: string): Promise<Manifest | undefined>;
  getApiKey(keyId: string): Promise<ApiKeyRecord | undefined>;
  getPlan(digest: string): Promise<Plan | undefined>;
  /** The catalogue of a workspace: what its servers in mode SMART offer. */
  getCatalogue(workspaceId: string): Promise<Catalogue | undefined>;
  /**
   * Synchronous if the rules are in memory and fresh. A workspace without rules is refused, too: deleting them gives
   * access to nothing.
   */
  getEgressRules(workspaceId: string): EgressRules | Promise<EgressRules>;
  /** Synchronous if the rules are in memory and fresh. A workspace without rules is refused, too. */
  getUserRules(workspaceId: string): UserRules | Promise<UserRules>;
  /** Synchronous if the record is in memory and fresh. Only workspaces that refuse unknown users have records. */
  getExternalUser(
    workspaceId: string,
    userDigest: string,
  ): ExternalUserRecord | Promise<ExternalUserRecord | undefined>;
  /** What was decided about a call, even if the approval has ended. Undefined if nothing was decided recently. */
  getApproval(workspaceId: string, requestDigest: string): Promise<ApprovalDecision | undefined>;
  /** The platform's own authorization server. Undefined if it has none. */
  getIssuer(): Promise<Issuer | undefined>;
  /** Whether a connect link is known to have been used. False while Redis is unavailable. */
  isLinkUsed(hash: string): Promise<boolean>;
  /** What is in memory and fresh: for the hot path, where the getters are called only after these returned nothing. */
  peekManifest(serverId: string): Manifest | undefined;
  peekManifestBySlug(workspaceId: string, slug: string): Manifest | undefined;
  peekApiKey(keyId: string): ApiKeyRecord | undefined;
  /** Whether the key is in memory, fresh or not. */
  hasApiKey(keyId: string): boolean;
  peekCatalogue(workspaceId: string): Catalogue | undefined;
  peekIssuer(): Issuer | undefined;
  onChange(listener: (change: PublicationChange) => void): void;
  /** Whether a complete publication has been written to this Redis at least once. */
  isReady(): boolean;
};

export type SnapshotOptions = {
  bus: BusConnection;
  verifier: Verifier;
  /** The maximum number of documents of each kind. */
  entriesMax?: number;
  refreshMs?: number;
};

/** The parsed documents take about ten times as many bytes in an edge. */
const CHARACTERS_MAX = 32 * 1024 * 1024;

/** Resolves when Redis answered or failed for the first time; `isReady` says which. */
export async function createSnapshot(options: SnapshotOptions): Promise<Snapshot> {
  const { bus, verifier, entriesMax = 10_000, refreshMs = 60_000 } = options;
  const redis = bus.documents;
  const listeners: ((change: PublicationChange) => void)[] = [];
  let isReady = false;

  async function lookUp(key: string): Promise<DocumentLookup> {
    const [text = null, marker] = await redis.mget(key, keys.publication);
    return { text, isComplete: marker !== null };
  }

  const limits = { entriesMax, charactersMax: CHARACTERS_MAX, refreshMs };
  const { manifests, apiKeys, catalogues, egressRules, userRules, externalUsers, approvals, issuers, plans } =
    createDocumentCaches({ verifier, lookUp, limits });
  const slugs = createSlugPointers(manifests, (workspaceId, slug) => lookUp(keys.slug(workspaceId, slug)), entriesMax);

  const changing = {
    manifest: manifests,
    'api-key': apiKeys,
    catalogue: catalogues,
    egress: egressRules,
    users: userRules,
    user: externalUsers,
    approval: approvals,
    issuer: issuers,
  };

  const checkComplete = async () => {
    isReady ||= await redis.exists(keys.publication).then(
      (count) => count === 1,
      () => false,
    );
  };
  function onMessage(message: string): void {
    const change = readChangeMessage(message);
    if (change === undefined) return;
    if (change.kind === 'publication') void checkComplete();
    else changing[change.kind].expire(change.id);
    for (const listener of listeners) listener(change);
  }
  bus.messages.subscribe(channels.changes, onMessage, () => {
    // Announcements may have been missed before, so everything is read again.
    for (const documents of Object.values(changing)) documents.expireAll();
    void checkComplete();
  });
  onReady(redis, checkComplete);
  await firstAttempt(redis, whenReady(redis).then(checkComplete));

  return {
    getManifest: manifests.get,
    getManifestBySlug: slugs.get,
    getApiKey: apiKeys.get,
    getPlan: async (digest) => (await plans.get(digest))?.plan,
    getCatalogue: catalogues.get,
    getEgressRules: (workspaceId) =>
      egressRules.peek(workspaceId) ?? egressRules.get(workspaceId).then(orRefused('egress rules')),
    getUserRules: (workspaceId) =>
      userRules.peek(workspaceId) ?? userRules.get(workspaceId).then(orRefused('rules for users')),
    getExternalUser(workspaceId, userDigest) {
      const id = `${workspaceId}:${userDigest}`;
      return externalUsers.peek(id) ?? externalUsers.get(id);
    },
    getApproval: (workspaceId, requestDigest) => approvals.get(`${workspaceId}:${requestDigest}`),
    getIssuer: () => issuers.get(PLATFORM),
    isLinkUsed: (hash) =>
      redis.exists(keys.usedLink(hash)).then(
        (count) => count === 1,
        () => false,
      ),
    peekManifest: manifests.peek,
    peekManifestBySlug: slugs.peek,
    peekApiKey: apiKeys.peek,
    hasApiKey: apiKeys.has,
    peekCatalogue: catalogues.peek,
    peekIssuer: () => issuers.peek(PLATFORM),
    onChange: (listener) => void listeners.push(listener),
    isReady: () => isReady,
  };
}

function orRefused(what: string) {
  return <Rules>(rules: Rules | undefined): Rules => {
    if (rules === undefined) throw new AppError('config_unavailable', `The workspace has no published ${what}`);
    return rules;
  };
}
