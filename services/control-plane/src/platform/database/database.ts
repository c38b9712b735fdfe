import { PrismaPg } from '@prisma/adapter-pg';
import { AppError } from '@toolplane/contracts';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../../generated/client.ts';
import { expectMigrated, type Migration, migrate } from './migrate.ts';
import { ensureWalledRole } from './role.ts';
import { createStatementNames } from './statement-names.ts';

/**
 * Provides the only access to PostgreSQL, and is the only place that separates tenants: every transaction names its
 * tenant, and row-level security shows and accepts only rows of that tenant. Stores receive only the transaction.
 */

export type Tenant = { organizationId: string; workspaceId: string };
export type Transaction = Prisma.TransactionClient;

export type Database = {
  within<T>(tenant: Tenant, run: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Runs a transaction that sees every tenant. It is for looking up keys, publishing and the first start, never for the
   * content of a request.
   */
  asPlatform<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Applies the migrations (or rejects until another program has applied them), and ensures that row-level security is
   * in effect. Until then, every transaction is refused with 503. Rejects while PostgreSQL is not reachable.
   */
  prepare(migrations: Migration[]): Promise<void>;
  /** The current numbers of connections in the pool; `waiting` counts the work that waits for a connection. */
  connections(): { idle: number; busy: number; waiting: number };
  close(): Promise<void>;
};

/** How long to wait for a connection, or for a transaction to start; after that, the answer is 503. */
const CONNECT_MS_MAX = 2000;
const QUERY_MS_MAX = 5000;
/** The limit of a transaction is longer than a publication inside it may take. */
const TRANSACTION_MS_MAX = 15_000;
/**
 * Closing a connection drops its prepared statements, so a migration that changes what they refer to does not break
 * them permanently.
 */
const CONNECTION_SECONDS_MAX = 600;

export function createDatabase(options: {
  url: string;
  connectionsMax?: number;
  /** False if a separate program applies the migrations, with a role that owns the tables. */
  migrates?: boolean;
  /**
   * False behind a pooler that runs every transaction on another connection and does not support prepared statements.
   */
  preparesStatements?: boolean;
}): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax ?? 10,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    maxLifetimeSeconds: CONNECTION_SECONDS_MAX,
    statement_timeout: QUERY_MS_MAX,
    // This limit also applies if the server does not even report that a statement took too long.
    query_timeout: QUERY_MS_MAX + 1000,
  });
  const named = options.preparesStatements === false ? {} : { statementNameGenerator: createStatementNames() };
  const adapter = new PrismaPg(pool, { disposeExternalPool: true, ...named });
  const prisma = new PrismaClient({ adapter });
  /** The role of transactions, which are refused until it is known. */
  let role: string | undefined;

  async function transact<T>(settings: Tenant | 'platform', run: (tx: Transaction) => Promise<T>): Promise<T> {
    const walledRole = role;
    if (walledRole === undefined) throw new AppError('config_unavailable', 'The database is not available');
    try {
      return await prisma.$transaction(
        async (tx) => {
          await declare(tx, settings, walledRole);
          return run(tx);
        },
        { maxWait: CONNECT_MS_MAX, timeout: TRANSACTION_MS_MAX },
      );
    } catch (error) {
      if (isOutage(error)) throw new AppError('config_unavailable', 'The database is not available', { cause: error });
      if (isCrossed(error)) {
        throw new AppError('config_unavailable', 'The change conflicted with other changes made at the same time', {
          cause: error,
        });
      }
      if (isGone(error))
        throw new AppError('conflict', 'The object was changed or removed in the meantime', { cause: error });
      throw error;
    }
  }

  return {
    within: (tenant, run) => transact(tenant, run),
    asPlatform: (run) => transact('platform', run),
    async prepare(migrations) {
      await (options.migrates === false ? expectMigrated : migrate)(options.url, migrations);
      role = await ensureWalledRole(options.url);
    },
    connections: () => ({
      idle: pool.idleCount,
      busy: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: () => prisma.$disconnect(),
  };
}

/**
 * The settings end with the transaction, so a pooled connection carries nothing over to the next tenant. Prisma writes
 * times in UTC without naming the time zone; PostgreSQL must not read them as its local time.
 */
async function declare(tx: Transaction, settings: Tenant | 'platform', role: string): Promise<void> {
  if (settings === 'platform') {
    await tx.$queryRaw`SELECT set_config('role', ${role}, true), set_config('timezone', 'UTC', true),
                              set_config('app.platform', 'on', true)`;
  } else {
    await tx.$queryRaw`SELECT set_config('role', ${role}, true), set_config('timezone', 'UTC', true),
                              set_config('app.organization_id', ${settings.organizationId}, true),
                              set_config('app.workspace_id', ${settings.workspaceId}, true)`;
  }
}

/** True if a unique constraint refused the row. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === 'P2002';
}

/** For `catch`: turns a refusal by a unique constraint into a conflict, which the message explains. */
export function refusingDuplicates(message: string): (error: unknown) => never {
  return (error) => {
    throw isDuplicate(error) ? new AppError('conflict', message) : error;
  };
}

/** True if a row that existed a moment ago, or to which a new one belongs, no longer exists. */
function isGone(error: unknown): boolean {
  return ['P2003', 'P2025'].includes(codeOf(error) ?? '');
}

/** PostgreSQL's codes for serialization failures and deadlocks. */
const CROSSED_SQLSTATES = new Set(['40001', '40P01']);

/** True if there was a conflict with a concurrent transaction on the same rows, which was allowed to continue. */
function isCrossed(error: unknown): boolean {
  return codeOf(error) === 'P2034' || CROSSED_SQLSTATES.has(sqlStateOf(error));
}

/**
 * Prisma's codes for: not authenticated, unreachable, timed out, closed, no free connection, transaction not started or
 * expired. A failed authentication means that the password has just been changed; a restart provides the new one.
 */
const OUTAGE_CODES = new Set(['P1000', 'P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2037']);
/**
 * PostgreSQL's classes for: connection lost, not authenticated, insufficient resources, operator intervention or
 * timeout.
 */
const OUTAGE_SQLSTATES = /^(?:08|28|53|57)/;
/** Messages of errors to which the driver assigns no code. */
const OUTAGE_MESSAGES =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has)/;

function isOutage(error: unknown): boolean {
  const { message } = (error ?? {}) as { message?: string };
  return (
    OUTAGE_CODES.has(codeOf(error) ?? '') ||
    OUTAGE_SQLSTATES.test(sqlStateOf(error)) ||
    OUTAGE_MESSAGES.test(message ?? '')
  );
}

type DriverError = { driverAdapterError?: { cause?: { originalCode?: string } } };

/** Returns an empty string if PostgreSQL returned no code. */
function sqlStateOf(error: unknown): string {
  const { meta } = (error ?? {}) as { meta?: DriverError };
  return meta?.driverAdapterError?.cause?.originalCode ?? '';
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
