import type { DebugStreamReader, Publisher } from '@toolplane/bus';
import type { ExternalUserRecord, Issuer, Manifest } from '@toolplane/contracts';
import type { Signer } from '@toolplane/sealing';
import { gauge, type Logger } from '@toolplane/service-kit';
import { endApproved, findPendingApprovals, takeApproval } from '../approvals/published-approvals.ts';
import type { Database, Transaction } from '../database/database.ts';
import { toManifestDebug } from '../debug-sessions/published-debug.ts';
import { logNotPublished, logPublishedAll } from '../events.ts';
import { type Publication, type PublishableServer, toPublication, toRemovalManifest } from './publication.ts';
import { ATTEMPTS_MAX, send } from './send.ts';
import * as store from './store.ts';
import * as users from './user-store.ts';

export { findApiKeyRecord } from './store.ts';

/**
 * Publishes the state of the database to edges and data planes, through Redis. A change is saved as unpublished and
 * published right after; if that fails, it is published as soon as Redis is available again. An emptied Redis is filled
 * again.
 */
export type Publishing = {
  /**
   * Part of a change that must not be saved without being published: short failures are retried. Rejects with
   * `config_unavailable`.
   */
  publishServer(tx: Transaction, id: string): Promise<void>;
  /**
   * Committed before such a change: if the process dies after publishing and before saving, or the change is not saved
   * for another reason, the server is published again.
   */
  reopenServer(tx: Transaction, id: string): Promise<void>;
  /** Requires the lock of the server: whether nobody has published it since it was reopened. */
  isOpen(tx: Transaction, id: string): Promise<boolean>;
  /** After a saved change: at once if possible, otherwise later. Includes everything in which its tools appear. */
  publishServerSoon(id: string): Promise<void>;
  publishApiKeySoon(id: string): Promise<void>;
  publishRemovalSoon(id: string): Promise<void>;
  /**
   * For all servers whose tools were changed: publishes those that offer some of them, and the catalogues of their
   * workspaces.
   */
  publishToolChangesSoon(): Promise<void>;
  publishEgressRulesSoon(workspaceId: string): Promise<void>;
  /** The users that may be named in a workspace. A new workspace needs it as well: nobody can be named before. */
  publishUsersSoon(workspaceId: string): Promise<void>;
  /** A decision about a call. */
  publishApprovalSoon(id: string): Promise<void>;
  /** A new workspace: the other planes do nothing for a workspace whose documents they cannot read. */
  publishWorkspaceSoon(workspaceId: string): Promise<void>;
  /**
   * Publishes everything that is due: all documents the first time and when Redis lost them, otherwise what is left.
   */
  catchUp(): Promise<void>;
  /** Deletes plans that are no longer offered, once everything that is offered was published. */
  sweepPlans(): Promise<void>;
  /** For operators: the last assigned revision, and how many changes wait to be published. */
  describe(): Promise<{ revision: number; pending: Record<string, number> }>;
};

/** Each with its whole compiled document. */
const SERVERS_PER_PAGE = 5;
const API_KEYS_PER_PAGE = 200;
const WORKSPACES_PER_PAGE = 50;
/** Each with the compiled documents of the servers that are lent to its workspace. */
const CATALOGUES_PER_PAGE = 5;
/** Each with all deactivated users. */
const USER_RULES_PER_PAGE = 5;
const PLANS_AT_ONCE = 10;
const IDS_PER_PAGE = 500;
const USERS_PER_PAGE = 200;
/** Page size, chosen so that one workspace does not delay everything else. */
const USER_PAGES_MAX = 10;

export function createPublishing(options: {
  database: Database;
  publisher: Publisher;
  signer: Signer;
  debugStreams: Pick<DebugStreamReader, 'open'>;
  /** Undefined: the platform has no authorization server. */
  issuer?: Pick<Issuer, 'issuer' | 'jwks'> | undefined;
  logger: Logger;
}): Publishing {
  const { database, publisher, signer, debugStreams, issuer, logger } = options;
  let hasPublishedAll = false;
  const pending = gauge('toolplane_publication_pending');
  pending.set(1);

  async function publishServer(tx: Transaction, id: string, attemptsMax = 1): Promise<void> {
    const server = await store.takeServer(tx, id);
    if (server === undefined) return;
    const publication = await toPublication(server);
    await send(() => sendPublication(server, publication), attemptsMax);
  }

  async function publishApiKey(tx: Transaction, id: string): Promise<void> {
    const record = await store.takeApiKey(tx, id);
    if (record !== undefined) await send(() => publisher.publishApiKey(record));
  }

  async function publishRemoval(tx: Transaction, id: string): Promise<void> {
    const removal = await store.takeRemoval(tx, id);
    if (removal !== undefined) await send(() => publisher.publishManifest(toRemovalManifest(removal)));
  }

  async function publishEgressRules(tx: Transaction, workspaceId: string): Promise<void> {
    const rules = await store.takeEgressRules(tx, workspaceId);
    if (rules !== undefined) await send(() => publisher.publishEgressRules(rules));
  }

  async function publishCatalogue(tx: Transaction, workspaceId: string): Promise<void> {
    const catalogue = await store.takeCatalogue(tx, workspaceId);
    if (catalogue !== undefined) await send(() => sendCatalogue(catalogue));
  }

  async function publishApproval(tx: Transaction, id: string): Promise<void> {
    const approval = await takeApproval(tx, id);
    if (approval !== undefined) await send(() => publisher.publishApproval(approval));
  }

  /** Users first: rules that refuse unknown users must not be published before the known users. */
  async function publishUsers(workspaceId: string): Promise<void> {
    for (let page = 0; page < USER_PAGES_MAX; page += 1) {
      const isLast = await database.asPlatform(async (tx) => {
        const records = await users.takeExternalUsers(tx, workspaceId, USERS_PER_PAGE);
        await send(() => publishRecords(records));
        return records.length < USERS_PER_PAGE;
      });
      if (isLast) break;
    }
    await database.asPlatform(async (tx) => {
      const rules = await users.takeUserRules(tx, workspaceId);
      if (rules !== undefined) await send(() => publisher.publishUserRules(rules));
    });
  }

  async function publishRecords(records: ExternalUserRecord[]): Promise<void> {
    await Promise.all(records.map((record) => publisher.publishExternalUser(record)));
  }

  async function sendServer(server: PublishableServer): Promise<void> {
    await sendPublication(server, await toPublication(server));
  }

  /** Plans first: a manifest never names a plan that does not exist, nor a debug session that accepts no events. */
  async function sendPublication({ debug }: PublishableServer, { manifest, plans }: Publication): Promise<void> {
    await sendPlans(plans);
    if (debug === undefined) return publisher.publishManifest(manifest);
    await debugStreams.open(debug.sessionId, debug.expiresAt);
    await publisher.publishManifest({ ...manifest, debug: await toManifestDebug(debug, signer) });
  }

  async function sendPlans(plans: Publication['plans']): Promise<void> {
    // Signing all of them at once would delay other requests.
    for (let start = 0; start < plans.length; start += PLANS_AT_ONCE) {
      await publisher.publishPlans(plans.slice(start, start + PLANS_AT_ONCE));
    }
  }

  /** Plans first, as with servers. */
  async function sendCatalogue({ catalogue, lent }: store.PublishableCatalogue): Promise<void> {
    const manifests: Manifest[] = [];
    for (const server of lent) {
      const { manifest, plans } = await toPublication(server);
      await sendPlans(plans);
      manifests.push(manifest);
    }
    await publisher.publishCatalogue(manifests.length === 0 ? catalogue : { ...catalogue, lent: manifests });
  }

  async function soon(publish: (tx: Transaction, id: string) => Promise<void>, id: string): Promise<void> {
    try {
      await database.asPlatform((tx) => publish(tx, id));
    } catch (error) {
      noteUnpublished(error);
    }
  }

  function noteUnpublished(error: unknown): void {
    pending.set(1);
    logNotPublished(logger, error);
  }

  async function usersSoon(workspaceId: string): Promise<void> {
    await publishUsers(workspaceId).catch(noteUnpublished);
  }

  async function publishIssuer(): Promise<void> {
    if (issuer === undefined) return publisher.removeIssuer();
    const revision = await database.asPlatform(store.nextRevision);
    await publisher.publishIssuer({ version: 1, kind: 'issuer', revision, ...issuer });
  }

  async function publishToolChangesSoon(): Promise<void> {
    try {
      const { workspaceIds, serverIds } = await database.asPlatform(store.takeToolChanges);
      for (const id of workspaceIds) await soon(publishCatalogue, id);
      for (const id of serverIds) await soon(publishServer, id);
    } catch (error) {
      noteUnpublished(error);
    }
  }

  async function catchUp(): Promise<void> {
    await database.asPlatform(store.takeToolChanges);
    await database.asPlatform(store.endInterruptedDeployments);
    const isThere = await publisher.isComplete();
    const isComplete = hasPublishedAll && isThere;
    if (!isThere) await database.asPlatform(endApproved);
    if (!isComplete) {
      await publishIssuer();
      await publishPages(
        store.listPublishedEgressRules,
        WORKSPACES_PER_PAGE,
        (rules) => publisher.publishEgressRules(rules),
        ({ workspaceId }) => workspaceId,
      );
      await publishPages(
        users.listPublishedUsers,
        USERS_PER_PAGE,
        ({ records }) => publishRecords(records),
        ({ lastId }) => lastId,
      );
      await publishPages(
        users.listPublishedUserRules,
        USER_RULES_PER_PAGE,
        (rules) => publisher.publishUserRules(rules),
        ({ workspaceId }) => workspaceId,
      );
      await publishPages(store.listPublishedServers, SERVERS_PER_PAGE, sendServer, ({ id }) => id);
      await publishPages(
        store.listPublishedCatalogues,
        CATALOGUES_PER_PAGE,
        sendCatalogue,
        ({ catalogue }) => catalogue.workspaceId,
      );
      await publishPages(
        store.listPublishedApiKeys,
        API_KEYS_PER_PAGE,
        (record) => publisher.publishApiKey(record),
        ({ keyId }) => keyId,
      );
    }
    await publishPending();
    if (isComplete) return;
    await publisher.markComplete();
    hasPublishedAll = true;
    logPublishedAll(logger);
  }

  /**
   * Each page is a separate transaction whose locks block changes, so that no change is overwritten by an older state.
   */
  async function publishPages<Item>(
    list: (tx: Transaction, afterId: string, limit: number) => Promise<Item[]>,
    limit: number,
    publish: (item: Item) => Promise<void>,
    idOf: (item: Item) => string,
  ): Promise<void> {
    let afterId: string | undefined = '';
    while (afterId !== undefined) {
      const from: string = afterId;
      afterId = await database.asPlatform(async (tx) => {
        const page = await list(tx, from, limit);
        for (const item of page) await publish(item);
        const last = page.at(-1);
        return last === undefined ? undefined : idOf(last);
      });
    }
  }

  async function publishPending(): Promise<void> {
    const pending = await database.asPlatform(store.findPending);
    for (const id of pending.removals) await database.asPlatform((tx) => publishRemoval(tx, id));
    for (const id of pending.egressRules) await database.asPlatform((tx) => publishEgressRules(tx, id));
    for (const id of pending.servers) await database.asPlatform((tx) => publishServer(tx, id));
    for (const id of pending.catalogues) await database.asPlatform((tx) => publishCatalogue(tx, id));
    for (const id of pending.apiKeys) await database.asPlatform((tx) => publishApiKey(tx, id));
    for (const id of await database.asPlatform(users.findPendingUsers)) await publishUsers(id);
    for (const id of await database.asPlatform(findPendingApprovals)) {
      await database.asPlatform((tx) => publishApproval(tx, id));
    }
  }

  return {
    publishServer: (tx, id) => publishServer(tx, id, ATTEMPTS_MAX),
    reopenServer: store.reopenServer,
    isOpen: store.isOpen,
    describe: () =>
      database.asPlatform(async (tx) => {
        const pending = Object.entries(await store.findPending(tx)).map(([kind, ids]) => [kind, ids.length] as const);
        return { revision: await store.readRevision(tx), pending: Object.fromEntries(pending) };
      }),
    async sweepPlans() {
      if (!hasPublishedAll || !(await publisher.isComplete())) return;
      await publisher.sweepPlans(listIds(database, store.listServerIds), listIds(database, store.listWorkspaceIds));
    },
    publishToolChangesSoon,
    async publishServerSoon(id) {
      await soon(publishServer, id);
      await publishToolChangesSoon();
    },
    publishApiKeySoon: (id) => soon(publishApiKey, id),
    async publishRemovalSoon(id) {
      await soon(publishRemoval, id);
      await publishToolChangesSoon();
    },
    publishEgressRulesSoon: (workspaceId) => soon(publishEgressRules, workspaceId),
    publishUsersSoon: usersSoon,
    publishApprovalSoon: (id) => soon(publishApproval, id),
    async publishWorkspaceSoon(workspaceId) {
      await soon(publishEgressRules, workspaceId);
      await soon(publishCatalogue, workspaceId);
      await usersSoon(workspaceId);
    },
    async catchUp() {
      try {
        await catchUp();
        pending.set(0);
      } catch (error) {
        pending.set(1);
        throw error;
      }
    },
  };
}

async function* listIds(
  database: Database,
  list: (tx: Transaction, afterId: string, limit: number) => Promise<string[]>,
): AsyncGenerator<string[], void> {
  let page: string[] = [];
  do {
    const afterId = page.at(-1) ?? '';
    page = await database.asPlatform((tx) => list(tx, afterId, IDS_PER_PAGE));
    yield page;
  } while (page.length === IDS_PER_PAGE);
}
