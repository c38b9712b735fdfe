import type { Publisher } from '@toolplane/bus';
import type { CompiledDocument } from '@toolplane/compiler';
import { takeApiKey } from '../access/api-keys/published-key.ts';
import { findPendingApprovals, takeApproval } from '../operations/approvals/published-approvals.ts';
import type { Database, Transaction } from '../platform/database/database.ts';
import { takeCatalogue } from './catalogue-store.ts';
import { takeEgressRules } from './egress-store.ts';
import { toPublication, toRemovalManifest } from './publication.ts';
import { type SendDocuments, send } from './send.ts';
import { takeRemoval, takeServer } from './server-store.ts';
import { findPending } from './store.ts';
import * as users from './user-store.ts';

const USERS_PER_PAGE = 200;
/** Limit per run: the remaining users are published later, so that one workspace does not delay everything else. */
const USER_PAGES_MAX = 10;

/** Publishes the changed state of one entity, if it still exists, in the transaction that takes its revision. */
export type PublishChange = (tx: Transaction, id: string) => Promise<void>;

export type PublishChanges = Record<'apiKey' | 'removal' | 'egressRules' | 'catalogue' | 'approval', PublishChange> & {
  server(
    tx: Transaction,
    id: string,
    how?: { document?: CompiledDocument | undefined; attemptsMax?: number },
  ): Promise<void>;
  usersOf(workspaceId: string): Promise<void>;
  /** Publishes everything that is stored as unpublished. */
  pending(): Promise<void>;
};

export function createPublishChanges(options: {
  database: Database;
  publisher: Publisher;
  sendDocuments: SendDocuments;
}): PublishChanges {
  const { database, publisher, sendDocuments } = options;

  /** Returns whether these users were the last ones. */
  async function publishSomeUsers(tx: Transaction, workspaceId: string): Promise<boolean> {
    const records = await users.takeExternalUsers(tx, workspaceId, USERS_PER_PAGE);
    await send(async () => {
      await Promise.all(records.map((record) => publisher.publishExternalUser(record)));
    });
    return records.length < USERS_PER_PAGE;
  }

  const changes: PublishChanges = {
    async server(tx, id, { document, attemptsMax = 1 } = {}) {
      const server = await takeServer(tx, id, document);
      if (server === undefined) return;
      const publication = await toPublication(server);
      await send(() => sendDocuments.server(server, publication), attemptsMax);
    },
    async apiKey(tx, id) {
      const record = await takeApiKey(tx, id);
      if (record !== undefined) await send(() => publisher.publishApiKey(record));
    },
    async removal(tx, id) {
      const removal = await takeRemoval(tx, id);
      if (removal !== undefined) await send(() => publisher.publishManifest(toRemovalManifest(removal)));
    },
    async egressRules(tx, workspaceId) {
      const rules = await takeEgressRules(tx, workspaceId);
      if (rules !== undefined) await send(() => publisher.publishEgressRules(rules));
    },
    async catalogue(tx, workspaceId) {
      const catalogue = await takeCatalogue(tx, workspaceId);
      if (catalogue !== undefined) await send(() => sendDocuments.catalogue(catalogue));
    },
    async approval(tx, id) {
      const approval = await takeApproval(tx, id);
      if (approval !== undefined) await send(() => publisher.publishApproval(approval));
    },
    /** Publishes users first: rules that refuse unknown users must not be published before the known users. */
    async usersOf(workspaceId) {
      for (let page = 0; page < USER_PAGES_MAX; page += 1) {
        const isLast = await database.asPlatform((tx) => publishSomeUsers(tx, workspaceId));
        if (isLast) break;
      }
      await database.asPlatform(async (tx) => {
        const rules = await users.takeUserRules(tx, workspaceId);
        if (rules !== undefined) await send(() => publisher.publishUserRules(rules));
      });
    },
    async pending() {
      const inTransaction = (publish: PublishChange, id: string) => database.asPlatform((tx) => publish(tx, id));
      const pending = await database.asPlatform(findPending);
      for (const id of pending.removals) await inTransaction(changes.removal, id);
      for (const id of pending.egressRules) await inTransaction(changes.egressRules, id);
      for (const id of pending.servers) await inTransaction(changes.server, id);
      for (const id of pending.catalogues) await inTransaction(changes.catalogue, id);
      for (const id of pending.apiKeys) await inTransaction(changes.apiKey, id);
      for (const id of await database.asPlatform(users.findPendingUsers)) await changes.usersOf(id);
      for (const id of await database.asPlatform(findPendingApprovals)) await inTransaction(changes.approval, id);
    },
  };
  return changes;
}
