import type { Publisher } from '@toolplane/bus';
import { AppError } from '@toolplane/contracts';
import type { Database } from '../../platform/database/database.ts';
import * as store from './store.ts';

/** Ensures that each link connects only once. Used links are stored until they would have expired. */
export type UsedLinks = {
  /**
   * Throws `conflict` if the link has been used, or if another use of it is still in progress. If the work fails, the
   * link stays valid.
   */
  use<Result>(link: store.UsedLink, work: () => Promise<Result>): Promise<Result>;
  /** Throws `conflict` for a used link. Opening a link does not use it up. */
  check(linkHash: string): Promise<void>;
  /** Deletes used links that would have expired by now. */
  sweep(): Promise<void>;
};

export function createUsedLinks(options: {
  database: Database;
  publisher: Pick<Publisher, 'markLinkUsed'>;
}): UsedLinks {
  const { database, publisher } = options;

  /** Notifies edges not to hand out a used link. This is optional, because the page checks it as well. */
  function report({ linkHash, expiresAt }: store.UsedLink): Promise<void> {
    return publisher.markLinkUsed(linkHash, expiresAt.getTime() - Date.now()).catch(() => undefined);
  }

  return {
    async use(link, work) {
      if (!(await database.asPlatform((tx) => store.insertUsed(tx, link)))) throw used();
      try {
        const result = await work();
        await report(link);
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
  return new AppError('conflict', 'This link has already been used');
}
