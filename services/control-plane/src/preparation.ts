import { AppError } from '@toolplane/contracts';
import type { Logger } from '@toolplane/service-kit';
import { ensureOperatorKeys } from './access/organizations/bootstrap.ts';
import type { ControlPlaneConfig } from './config.ts';
import type { Domains } from './domains.ts';
import type { Database } from './platform/database/database.ts';
import { MIGRATIONS_FOLDER, readMigrations } from './platform/database/migrate.ts';
import { logDatabaseAway } from './platform/events.ts';

/** Migrates the database and creates the first key: at the start, or as soon as PostgreSQL is available. */
export async function createPreparation(options: {
  database: Database;
  domains: Domains;
  config: ControlPlaneConfig;
  logger: Logger;
}) {
  const { database, domains, config, logger } = options;
  const migrations = await readMigrations(MIGRATIONS_FOLDER);
  let isDone = false;

  async function ifNeeded(): Promise<void> {
    if (isDone) return;
    await database.prepare(migrations);
    const { BOOTSTRAP_API_KEY: bootstrap, INTERNAL_API_KEY: internal } = config;
    await ensureOperatorKeys({ ...domains, database, logger }, { bootstrap, internal });
    isDone = true;
  }

  /**
   * Aborts the start if a migration cannot be applied, or if the role bypasses row-level security. If PostgreSQL is
   * unavailable, the preparation is repeated later.
   */
  async function once(): Promise<void> {
    try {
      await ifNeeded();
    } catch (error) {
      if (error instanceof AppError && error.code === 'internal') throw error;
      logDatabaseAway(logger, error);
    }
  }

  return { ifNeeded, once, isDone: () => isDone, migrations };
}
