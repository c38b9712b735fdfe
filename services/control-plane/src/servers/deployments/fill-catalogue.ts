import type { Database } from '../../platform/database/database.ts';
import { listTools } from './relist-tools.ts';
import { lockUnlisted, type UnlistedServer } from './store.ts';

const SERVERS_PER_PAGE = 20;

/** Lists the tools of deployments from before the catalogue existed. Only the first run has an effect. */
export function createCatalogueFilling({ database }: { database: Database }): () => Promise<void> {
  let after: Pick<UnlistedServer, 'id' | 'createdAt'> | undefined = { id: '', createdAt: new Date(0) };
  return async () => {
    while (after !== undefined) {
      const from: Pick<UnlistedServer, 'id' | 'createdAt'> = after;
      after = await database.asPlatform(async (tx) => {
        const servers = await lockUnlisted(tx, from, SERVERS_PER_PAGE);
        for (const { id, compiled } of servers) await listTools(tx, id, JSON.parse(compiled));
        return servers.at(-1);
      });
    }
  };
}
