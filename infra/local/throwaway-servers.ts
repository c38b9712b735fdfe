import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Child } from './child.ts';
import { createMigratedDatabase } from './migrated-database.ts';
import { startPostgres } from './postgres.ts';
import { findRedisServer, startRedis } from './redis.ts';
import { projectFolder } from './services.ts';

/** The servers of one run, and the environment variables through which tests and benchmarks find them. */
export type ThrowawayServers = {
  env: {
    REDIS_URL: string;
    /** The URL of the superuser, for an empty database. */
    DATABASE_URL: string;
    /**
     * The database that tests copy: it has all migrations, and its owner is a role without any privilege, as in
     * production.
     */
    MIGRATED_DATABASE_URL: string;
    /** The program for tests that have to stop and restart a Redis: they start their own. */
    REDIS_SERVER_BIN: string;
  };
  stop(): Promise<void>;
};

/**
 * Starts PostgreSQL and Redis for one run, in a temporary folder. Servers that the environment already names are not
 * started.
 */
export async function startThrowawayServers(): Promise<ThrowawayServers> {
  const folder = mkdtempSync(join(tmpdir(), 'toolplane-test-'));
  const children: Child[] = [];
  stopWhenInterrupted(children, folder);

  const binary = await findRedisServer(join(projectFolder, '.cache'));
  const startOwnRedis = async () => {
    const { urls, child } = await startRedis({ binary, logFile: join(folder, 'redis.log') });
    children.push(child);
    return urls.admin;
  };
  const startOwnPostgres = async () => {
    const options = { folder: join(folder, 'postgres'), logFile: join(folder, 'postgres.log'), isThrowaway: true };
    const { superuserUrl, child } = await startPostgres(options);
    children.push(child);
    return superuserUrl;
  };
  const databaseUrl = process.env['DATABASE_URL'] || (await startOwnPostgres());
  const migrated = await createMigratedDatabase(databaseUrl);
  return {
    env: {
      REDIS_URL: process.env['REDIS_URL'] || (await startOwnRedis()),
      DATABASE_URL: databaseUrl,
      MIGRATED_DATABASE_URL: migrated.url,
      REDIS_SERVER_BIN: binary,
    },
    async stop() {
      await migrated.drop();
      await Promise.all(children.map((child) => child.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The servers are in their own process groups and do not receive Ctrl-C, and an interrupted test run calls no teardown.
 */
function stopWhenInterrupted(children: Child[], folder: string): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  process.once('exit', () => {
    for (const child of children) if (!child.hasEnded()) process.kill(child.pid, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
}
