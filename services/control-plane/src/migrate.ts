import { ConfigError, createLogger } from '@toolplane/service-kit';
import { readMigrationConfig } from './config.ts';
import { MIGRATIONS_FOLDER, migrate, readMigrations } from './platform/database/migrate.ts';
import { grantToService } from './platform/database/role.ts';

/*
 * Migrates the database and exits. It runs before the control planes of a version start, with a separate role, so that
 * the role of the control planes cannot change the schema. Running it again changes nothing. If PostgreSQL is
 * unavailable, it fails, and its caller retries.
 */

const logger = createLogger('migration');
try {
  const { DATABASE_URL, DATABASE_SERVICE_ROLE: role } = readMigrationConfig();
  const migrations = await readMigrations(MIGRATIONS_FOLDER);
  await migrate(DATABASE_URL.reveal(), migrations);
  if (role !== undefined) await grantToService(DATABASE_URL.reveal(), role);
  logger.info({ last: migrations.at(-1)?.name }, 'the database is migrated');
} catch (error) {
  process.exitCode = 1;
  if (error instanceof ConfigError) process.stderr.write(`migration: ${error.message}\n`);
  else logger.fatal({ err: error }, 'the database is not migrated');
}
