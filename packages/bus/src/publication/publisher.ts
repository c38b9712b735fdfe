/*
 * The control plane's side of publishing: it writes signed documents to Redis, and announces changes. Nothing needs to
 * be durable there; the marker says whether this Redis has everything.
 */
import type {
  ApiKeyRecord,
  ApprovalDecision,
  Catalogue,
  EgressRules,
  ExternalUserRecord,
  Issuer,
  Json,
  Manifest,
  Plan,
  UserRules,
} from '@toolplane/contracts';
import type { Signer } from '@toolplane/sealing';
import { type BusConnection, firstAttempt } from '../bus-connection.ts';
import { channels, keys } from '../keys.ts';
import { PLATFORM, type PublicationChange, toChangeMessage } from './change.ts';
import { sweepPlans } from './plan-sweep.ts';

/** Every method rejects if Redis does not answer; publishing the same again is harmless. */
export type Publisher = {
  /** Must be called before the manifest that names the plans is published. */
  publishPlans(plans: { digest: string; plan: Plan }[]): Promise<void>;
  publishManifest(manifest: Manifest): Promise<void>;
  /** Lets plans expire that no manifest names. The ids are those of all servers and workspaces, in pages. */
  sweepPlans(serverIds: AsyncIterable<string[]>, workspaceIds: AsyncIterable<string[]>): Promise<void>;
  publishApiKey(record: ApiKeyRecord): Promise<void>;
  publishCatalogue(catalogue: Catalogue): Promise<void>;
  publishEgressRules(rules: EgressRules): Promise<void>;
  publishUserRules(rules: UserRules): Promise<void>;
  publishExternalUser(record: ExternalUserRecord): Promise<void>;
  /** An approval that has ended replaces what was published before about the same call. */
  publishApproval(approval: ApprovalDecision): Promise<void>;
  /** Publishes the platform's own authorization server. */
  publishIssuer(issuer: Issuer): Promise<void>;
  /** To be called if the platform has no authorization server, or no longer has one. */
  removeIssuer(): Promise<void>;
  /** `hash` identifies the connect link, which is valid for another `leftMs`. */
  markLinkUsed(hash: string, leftMs: number): Promise<void>;
  /** To be called after everything was published: from now on, a missing document does not exist. */
  markComplete(): Promise<void>;
  /** Resolves with false after Redis lost its content. */
  isComplete(): Promise<boolean>;
};

/** How long an ended approval can be read: longer than edges keep what they read before. */
const ENDED_KEPT_MS = 120_000;

export async function createPublisher({ bus, signer }: { bus: BusConnection; signer: Signer }): Promise<Publisher> {
  const redis = bus.documents;
  await firstAttempt(redis);

  async function announce(key: string, document: Json, change: PublicationChange): Promise<void> {
    await redis.set(key, await signer.sign(document));
    await redis.publish(channels.changes, toChangeMessage(change));
  }

  return {
    async publishPlans(plans) {
      const signed = await Promise.all(
        plans.map(async ({ digest, plan }) => [keys.plan(digest), await signer.sign(plan as Json)] as const),
      );
      if (signed.length === 0) return;
      await redis.sadd(keys.plans, ...plans.map(({ digest }) => digest));
      await redis.mset(Object.fromEntries(signed));
    },
    sweepPlans: (serverIds, workspaceIds) => sweepPlans(redis, serverIds, workspaceIds),
    async publishManifest(manifest) {
      const { serverId, workspaceId, slug, state } = manifest;
      // A pointer left behind by a renamed or deleted server leads to a manifest that contradicts it.
      if (state !== 'deleted') await redis.set(keys.slug(workspaceId, slug), serverId);
      await announce(keys.manifest(serverId), manifest as Json, { kind: 'manifest', id: serverId });
    },
    publishApiKey: (record) =>
      announce(keys.apiKey(record.keyId), record as Json, { kind: 'api-key', id: record.keyId }),
    publishCatalogue: (catalogue) =>
      announce(keys.catalogue(catalogue.workspaceId), catalogue as Json, {
        kind: 'catalogue',
        id: catalogue.workspaceId,
      }),
    publishEgressRules: (rules) =>
      announce(keys.egressRules(rules.workspaceId), rules as Json, { kind: 'egress', id: rules.workspaceId }),
    publishUserRules: (rules) =>
      announce(keys.userRules(rules.workspaceId), rules as Json, { kind: 'users', id: rules.workspaceId }),
    publishExternalUser(record) {
      const { workspaceId, userDigest } = record;
      const change: PublicationChange = { kind: 'user', id: `${workspaceId}:${userDigest}` };
      return announce(keys.externalUser(workspaceId, userDigest), record as Json, change);
    },
    async publishApproval(approval) {
      const { workspaceId, requestDigest, validUntil } = approval;
      const leftMs = validUntil - Date.now();
      const keptMs = leftMs > 0 ? leftMs : ENDED_KEPT_MS;
      await redis.set(keys.approval(workspaceId, requestDigest), await signer.sign(approval as Json), 'PX', keptMs);
      const change: PublicationChange = { kind: 'approval', id: `${workspaceId}:${requestDigest}` };
      await redis.publish(channels.changes, toChangeMessage(change));
    },
    publishIssuer: (issuer) => announce(keys.issuer, issuer as Json, { kind: 'issuer', id: PLATFORM }),
    async removeIssuer() {
      if ((await redis.del(keys.issuer)) === 0) return;
      await redis.publish(channels.changes, toChangeMessage({ kind: 'issuer', id: PLATFORM }));
    },
    async markLinkUsed(hash, leftMs) {
      if (leftMs > 0) await redis.set(keys.usedLink(hash), '', 'PX', Math.ceil(leftMs));
    },
    async markComplete() {
      await redis.set(keys.publication, new Date().toISOString());
      await redis.publish(channels.changes, toChangeMessage({ kind: 'publication', id: 'complete' }));
    },
    isComplete: async () => (await redis.exists(keys.publication)) === 1,
  };
}
