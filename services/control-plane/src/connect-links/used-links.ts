import type { Publisher } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import type { Database } from '../database/database.ts';
import * as store from './store.ts';

/** Each link connects once. Those that were used are known until they would have expired. */
export type UsedLinks = {
  /** Throws `conflict` for one that was used, also while that is still going on. One whose work fails stays good. */
  use<Result>(link: store.UsedLink, work: () => Promise<Result>): Promise<Result>;
  /** Throws `conflict` for one that was used. Looking at a link does not use it up. */
  check(linkHash: string): Promise<void>;
  /** Forgets those that would have expired. */
  sweep(): Promise<void>;
};

export function createUsedLinks(options: {
  database: Database;
  publisher: Pick<Publisher, 'markLinkUsed'>;
}): UsedLinks {
  const { database, publisher } = options;

  /** So that edges give nobody a link that was used. It can be done without: the page says it too. */
  function tell({ linkHash, expiresAt }: store.UsedLink): Promise<void> {
    return publisher.markLinkUsed(linkHash, expiresAt.getTime() - Date.now()).catch(() => undefined);
  }

  return {
    async use(link, work) {
      if (!(await database.asPlatform((tx) => store.insertUsed(tx, link)))) throw used();
      try {
        const result = await work();
        await tell(link);
        return result;
      } catch (error) {
        await database.asPlatform((tx) => store.deleteUsed(tx, link.linkHash));
        throw error;
      }
    },
    async check(linkHash) {
      if (await database.asPlatform((tx) => store.isUsed(tx, linkHash))) throw used();
    },
    sweep: () => database.asPlatform(store.deleteExpired),
  };
}

function used(): AppError {
  return new AppError('conflict', 'The link has already been used');
}
