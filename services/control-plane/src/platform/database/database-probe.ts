import type { Database } from './database.ts';

/** Remembers whether PostgreSQL answered the last check, for the readiness of the process. */
export function createDatabaseProbe({ database, isThere }: { database: Database; isThere: boolean }) {
  let wasThere = isThere;
  return {
    isThere: () => wasThere,
    async look(): Promise<void> {
      wasThere = await database
        .asPlatform((tx) => tx.$queryRaw`SELECT 1`)
        .then(
          () => true,
          () => false,
        );
    },
  };
}
