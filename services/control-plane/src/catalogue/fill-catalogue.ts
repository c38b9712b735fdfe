import type { Database } from '../database/database.ts';
import { replaceTools } from './published-tools.ts';
import { lockUnlisted } from './store.ts';

const SERVERS_PER_PAGE = 20;

/** Lists the tools of what was deployed before there was a catalogue. Does something the first time only. */
export function createCatalogueFilling({ database }: { database: Database }): () => Promise<void> {
  let afterId: string | undefined = '';
  return async () => {
    while (afterId !== undefined) {
      const from: string = afterId;
      afterId = await database.asPlatform(async (tx) => {
        const servers = await lockUnlisted(tx, from, SERVERS_PER_PAGE);
        for (const { id, compiled } of servers) await replaceTools(tx, id, JSON.parse(compiled));
        return servers.at(-1)?.id;
      });
    }
  };
}
