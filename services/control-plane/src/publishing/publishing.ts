import type { DebugStreamReader, Publisher } from '@toolplane/bus';
import type { Issuer } from '@toolplane/contracts';
import type { Signer } from '@toolplane/sealing';
import { gauge, type Logger } from '@toolplane/service-kit';
import { endApproved } from '../operations/approvals/published-approvals.ts';
import type { ChangeNotices, Changes } from '../platform/change-notices.ts';
import type { Database, Transaction } from '../platform/database/database.ts';
import { logNotPublished, logPublishedAll } from '../platform/events.ts';
import { takeToolChanges } from './catalogue-store.ts';
import { createPublishChanges, type PublishChange } from './publish-changes.ts';
import { publishEverything } from './publish-everything.ts';
import { ATTEMPTS_MAX, createSendDocuments } from './send.ts';
import { isServerUnpublished, markServerUnpublished } from './server-store.ts';
import * as store from './store.ts';

/**
 * Publishes the state of the database to edges and data planes, through Redis. A change is saved as unpublished and
 * published right afterwards. If that fails, it is published as soon as Redis is available again. If Redis was emptied,
 * everything is published again.
 */
export type Publishing = {
  changes: ChangeNotices;
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
  const publish = createPublishChanges({ database, publisher, sendDocuments });
  let hasPublishedAll = false;
  const pending = gauge('toolplane_publication_pending');
  pending.set(1);

  async function now(change: PublishChange, id: string): Promise<void> {
    await database.asPlatform((tx) => change(tx, id)).catch(noteUnpublished);
  }

  /**
   * Handles all servers whose tools were changed: publishes the servers that offer some of these tools, and the
   * catalogues of their workspaces.
   */
  async function toolsNow(): Promise<void> {
    try {
      const { workspaceIds, serverIds } = await database.asPlatform(takeToolChanges);
      for (const id of workspaceIds) await now(publish.catalogue, id);
      for (const id of serverIds) await now(publish.server, id);
    } catch (error) {
      noteUnpublished(error);
    }
  }

  const usersNow = (workspaceId: string) => publish.usersOf(workspaceId).catch(noteUnpublished);

  /** What each change leads to. */
  const reactions: { [Change in keyof Changes]: (...id: Changes[Change]) => Promise<void> } = {
    async 'server.changed'(id) {
      await now(publish.server, id);
      await toolsNow();
    },
    async 'server.removed'(id) {
      await now(publish.removal, id);
      await toolsNow();
    },
    'tools.changed': toolsNow,
    'api-key.changed': (id) => now(publish.apiKey, id),
    'egress-rules.changed': (workspaceId) => now(publish.egressRules, workspaceId),
    'users.changed': usersNow,
    'approval.changed': (id) => now(publish.approval, id),
    async 'workspace.created'(workspaceId) {
      await now(publish.egressRules, workspaceId);
      await now(publish.catalogue, workspaceId);
      // Until its users are published, no user can be named in a new workspace.
      await usersNow(workspaceId);
    },
  };

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
    await publish.pending();
    if (isComplete) return;
    await publisher.markComplete();
    hasPublishedAll = true;
    logPublishedAll(logger);
  }

  return {
    changes: {
      notify: (change, ...id) => reactions[change](...id),
      publishServer: (tx, id, document) => publish.server(tx, id, { document, attemptsMax: ATTEMPTS_MAX }),
      markServerUnpublished,
      isServerUnpublished,
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
