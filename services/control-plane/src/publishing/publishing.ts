import type { DebugStreamReader, Publisher } from '@toolplane/bus';
import type { Issuer } from '@toolplane/contracts';
import type { Signer } from '@toolplane/sealing';
import { gauge, type Logger } from '@toolplane/service-kit';
import { endApproved } from '../operations/approvals/published-approvals.ts';
import type { Database, Transaction } from '../platform/database/database.ts';
import { logNotPublished, logPublishedAll } from '../platform/events.ts';
import { takeToolChanges } from './catalogue-store.ts';
import { createPublishChanges, type PublishChange } from './publish-changes.ts';
import { publishEverything } from './publish-everything.ts';
import { ATTEMPTS_MAX } from './send.ts';
import { createSendDocuments } from './send-documents.ts';
import { isOpen, reopenServer } from './server-store.ts';
import * as store from './store.ts';

export { findApiKeyRecord } from '../access/api-keys/published-key.ts';

/**
 * Publishes the state of the database to edges and data planes, through Redis. A change is saved as unpublished and
 * published right afterwards. If that fails, it is published as soon as Redis is available again. If Redis was emptied,
 * everything is published again.
 */
export type Publishing = {
  /**
   * Publishes a server as part of a change that must not be saved without being published. Short failures are retried.
   * Rejects with `config_unavailable`.
   */
  publishServer(tx: Transaction, id: string): Promise<void>;
  /**
   * Marks a server as unpublished, and is committed before a change with `publishServer`. If the process ends between
   * publishing and saving, or the change is not saved for another reason, the server is published again.
   */
  reopenServer(tx: Transaction, id: string): Promise<void>;
  /** Whether nobody has published the server since it was reopened. Requires the lock of the server. */
  isOpen(tx: Transaction, id: string): Promise<boolean>;
  /** Publishes a server after a saved change, with everything in which its tools appear: at once, or later. */
  publishServerSoon(id: string): Promise<void>;
  publishApiKeySoon(id: string): Promise<void>;
  publishRemovalSoon(id: string): Promise<void>;
  /**
   * Handles all servers whose tools were changed: publishes the servers that offer some of these tools, and the
   * catalogues of their workspaces.
   */
  publishToolChangesSoon(): Promise<void>;
  publishEgressRulesSoon(workspaceId: string): Promise<void>;
  /** Publishes the users that may be named in a workspace. Before, no user can be named in a new workspace. */
  publishUsersSoon(workspaceId: string): Promise<void>;
  /** Publishes a decision about a call. */
  publishApprovalSoon(id: string): Promise<void>;
  /** Publishes a new workspace: the other planes do nothing for a workspace whose documents they cannot read. */
  publishWorkspaceSoon(workspaceId: string): Promise<void>;
  /**
   * Publishes everything that is due: all documents the first time and when Redis has lost them, otherwise only what is
   * still unpublished.
   */
  catchUp(): Promise<void>;
  /** Deletes plans that are no longer offered. Does nothing until everything that is offered was published. */
  sweepPlans(): Promise<void>;
  /** For operators: the last assigned revision, and the number of changes that wait to be published. */
  describe(): Promise<{ revision: number; pending: Record<string, number> }>;
};

const IDS_PER_PAGE = 500;

export function createPublishing(options: {
  database: Database;
  publisher: Publisher;
  signer: Signer;
  debugStreams: Pick<DebugStreamReader, 'open'>;
  /** Undefined if the platform has no authorization server. */
  issuer?: Pick<Issuer, 'issuer' | 'jwks'> | undefined;
  logger: Logger;
}): Publishing {
  const { database, publisher, signer, debugStreams, issuer, logger } = options;
  const sendDocuments = createSendDocuments({ publisher, signer, debugStreams });
  const changes = createPublishChanges({ database, publisher, sendDocuments });
  let hasPublishedAll = false;
  const pending = gauge('toolplane_publication_pending');
  pending.set(1);

  async function soon(publish: PublishChange, id: string): Promise<void> {
    await database.asPlatform((tx) => publish(tx, id)).catch(noteUnpublished);
  }

  async function usersSoon(workspaceId: string): Promise<void> {
    await changes.usersOf(workspaceId).catch(noteUnpublished);
  }

  async function toolChangesSoon(): Promise<void> {
    try {
      const { workspaceIds, serverIds } = await database.asPlatform(takeToolChanges);
      for (const id of workspaceIds) await soon(changes.catalogue, id);
      for (const id of serverIds) await soon(changes.server, id);
    } catch (error) {
      noteUnpublished(error);
    }
  }

  function noteUnpublished(error: unknown): void {
    pending.set(1);
    logNotPublished(logger, error);
  }

  async function catchUp(): Promise<void> {
    await database.asPlatform(takeToolChanges);
    await database.asPlatform(store.endInterruptedDeployments);
    const isThere = await publisher.isComplete();
    const isComplete = hasPublishedAll && isThere;
    if (!isThere) await database.asPlatform(endApproved);
    if (!isComplete) await publishEverything({ database, publisher, sendDocuments, issuer });
    await changes.pending();
    if (isComplete) return;
    await publisher.markComplete();
    hasPublishedAll = true;
    logPublishedAll(logger);
  }

  return {
    publishServer: (tx, id) => changes.server(tx, id, ATTEMPTS_MAX),
    reopenServer,
    isOpen,
    async publishServerSoon(id) {
      await soon(changes.server, id);
      await toolChangesSoon();
    },
    publishApiKeySoon: (id) => soon(changes.apiKey, id),
    async publishRemovalSoon(id) {
      await soon(changes.removal, id);
      await toolChangesSoon();
    },
    publishToolChangesSoon: toolChangesSoon,
    publishEgressRulesSoon: (workspaceId) => soon(changes.egressRules, workspaceId),
    publishUsersSoon: usersSoon,
    publishApprovalSoon: (id) => soon(changes.approval, id),
    async publishWorkspaceSoon(workspaceId) {
      await soon(changes.egressRules, workspaceId);
      await soon(changes.catalogue, workspaceId);
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
    async sweepPlans() {
      if (!hasPublishedAll || !(await publisher.isComplete())) return;
      await publisher.sweepPlans(listIds(database, store.listServerIds), listIds(database, store.listWorkspaceIds));
    },
    describe: () =>
      database.asPlatform(async (tx) => {
        const counts = Object.entries(await store.findPending(tx)).map(([kind, ids]) => [kind, ids.length] as const);
        return { revision: await store.readRevision(tx), pending: Object.fromEntries(counts) };
      }),
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
