import type { Publisher } from '@toolplane/bus';
import type { Issuer } from '@toolplane/contracts';
import { listPublishedApiKeys } from '../access/api-keys/published-key.ts';
import type { Database, Transaction } from '../platform/database/database.ts';
import { listPublishedCatalogues } from './catalogue-store.ts';
import { listPublishedEgressRules } from './egress-store.ts';
import { toPublication } from './publication.ts';
import type { SendDocuments } from './send.ts';
import { listPublishedServers } from './server-store.ts';
import { nextRevision } from './store.ts';
import { listPublishedUserRules, listPublishedUsers } from './user-store.ts';

/** Small, because each server has its whole compiled document. */
const SERVERS_PER_PAGE = 5;
/** Small, because each catalogue has the compiled documents of the servers that are lent to its workspace. */
const CATALOGUES_PER_PAGE = 5;
/** Small, because the rules of each workspace have all deactivated users. */
const USER_RULES_PER_PAGE = 5;
const WORKSPACES_PER_PAGE = 50;
const API_KEYS_PER_PAGE = 200;
const USERS_PER_PAGE = 200;

/**
 * Publishes everything again that was published before, in case Redis has lost it. Keys come last, because nobody can
 * call without one.
 */
export async function publishEverything(options: {
  database: Database;
  publisher: Publisher;
  sendDocuments: SendDocuments;
  issuer: Pick<Issuer, 'issuer' | 'jwks'> | undefined;
}): Promise<void> {
  const { database, publisher, sendDocuments, issuer } = options;
  await publishIssuer();
  await publishPages(listPublishedEgressRules, WORKSPACES_PER_PAGE, {
    publish: (rules) => publisher.publishEgressRules(rules),
    idOf: ({ workspaceId }) => workspaceId,
  });
  await publishPages(listPublishedUsers, USERS_PER_PAGE, {
    publish: async ({ records }) => {
      await Promise.all(records.map((record) => publisher.publishExternalUser(record)));
    },
    idOf: ({ lastId }) => lastId,
  });
  await publishPages(listPublishedUserRules, USER_RULES_PER_PAGE, {
    publish: (rules) => publisher.publishUserRules(rules),
    idOf: ({ workspaceId }) => workspaceId,
  });
  await publishPages(listPublishedServers, SERVERS_PER_PAGE, {
    publish: async (server) => sendDocuments.server(server, await toPublication(server)),
    idOf: ({ id }) => id,
  });
  await publishPages(listPublishedCatalogues, CATALOGUES_PER_PAGE, {
    publish: sendDocuments.catalogue,
    idOf: ({ catalogue }) => catalogue.workspaceId,
  });
  await publishPages(listPublishedApiKeys, API_KEYS_PER_PAGE, {
    publish: (record) => publisher.publishApiKey(record),
    idOf: ({ keyId }) => keyId,
  });

  async function publishIssuer(): Promise<void> {
    if (issuer === undefined) return publisher.removeIssuer();
    const revision = await database.asPlatform(nextRevision);
    await publisher.publishIssuer({ version: 1, kind: 'issuer', revision, ...issuer });
  }

  /**
   * Each page is a separate transaction whose locks block changes, so that no change is overwritten by an older state.
   */
  async function publishPages<Item>(
    list: (tx: Transaction, afterId: string, limit: number) => Promise<Item[]>,
    limit: number,
    { publish, idOf }: { publish(item: Item): Promise<void>; idOf(item: Item): string },
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
}
