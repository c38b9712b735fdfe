import { PrismaPg } from '@prisma/adapter-pg';
import { AppError } from '@toolplane/contracts';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../generated/client.ts';
import { expectMigrated, type Migration, migrate } from './migrate.ts';
import { ensureWalledRole } from './role.ts';
import { createStatementNames } from './statement-names.ts';

/**
 * The one door to PostgreSQL, and the one place where tenants are kept apart: every transaction says for whom it is, and
 * row-level security shows and takes only rows of that tenant. Stores get the transaction and nothing else.
 */

export type Tenant = { organizationId: string; workspaceId: string };
export type Transaction = Prisma.TransactionClient;

export type Database = {
  within<T>(tenant: Tenant, run: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Sees every tenant: for looking up keys, publishing and the first start, never for what a request asks. */
  asPlatform<T>(run: (tx: Transaction) => Promise<T>): Promise<T>;
  /**
   * Applies the migrations (or rejects until somebody has) and makes sure that row-level security holds; before that every transaction is refused with
   * 503. Rejects while PostgreSQL is away.
   */
  prepare(migrations: Migration[]): Promise<void>;
  /** Of the pool, at this moment; `waiting` is work that waits for one. */
  connections(): { idle: number; busy: number; waiting: number };
  close(): Promise<void>;
};

/** How long anybody waits for a connection or for a transaction to begin: then the answer is 503. */
const CONNECT_MS_MAX = 2000;
const QUERY_MS_MAX = 5000;
/** Longer than a publication may take inside it. */
const TRANSACTION_MS_MAX = 15_000;
/** With a connection go the statements that it keeps: what a migration has changed beneath them is not for ever. */
const CONNECTION_SECONDS_MAX = 600;

export function createDatabase(options: {
  url: string;
  connectionsMax?: number;
  /** False where a program of its own does, with a role that owns the tables. */
  migrates?: boolean;
  /** False behind a pooler that gives every transaction another connection and does not know prepared statements. */
  preparesStatements?: boolean;
}): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.connectionsMax ?? 10,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    maxLifetimeSeconds: CONNECTION_SECONDS_MAX,
    statement_timeout: QUERY_MS_MAX,
    // Also when the server does not even answer that a statement took too long.
    query_timeout: QUERY_MS_MAX + 1000,
  });
  const named = options.preparesStatements === false ? {} : { statementNameGenerator: createStatementNames() };
  const adapter = new PrismaPg(pool, { disposeExternalPool: true, ...named });
  const prisma = new PrismaClient({ adapter });
  /** In which transactions run; none do before it is known. */
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

/** The settings end with the transaction, so a pooled connection carries nothing over to the next tenant. */
async function declare(tx: Transaction, settings: Tenant | 'platform', role: string): Promise<void> {
  if (settings === 'platform') {
    await tx.$queryRaw`SELECT set_config('role', ${role}, true), set_config('app.platform', 'on', true)`;
  } else {
    await tx.$queryRaw`SELECT set_config('role', ${role}, true),
                              set_config('app.organization_id', ${settings.organizationId}, true),
                              set_config('app.workspace_id', ${settings.workspaceId}, true)`;
  }
}

/** A unique constraint refused the row. */
export function isDuplicate(error: unknown): boolean {
  return codeOf(error) === 'P2002';
}

/** A row that was there a moment ago, or that a new one belongs to, is not there any more. */
function isGone(error: unknown): boolean {
  return ['P2003', 'P2025'].includes(codeOf(error) ?? '');
}

/** PostgreSQL's codes for: could not be serialized, deadlock. */
const CROSSED_SQLSTATES = new Set(['40001', '40P01']);

/** Somebody else wanted the same rows at the same time, and was let go on. */
function isCrossed(error: unknown): boolean {
  return codeOf(error) === 'P2034' || CROSSED_SQLSTATES.has(sqlStateOf(error));
}

/**
 * Prisma's codes for: not let in, unreachable, timed out, closed, no connection free, transaction not to be had or expired.
 * Who is not let in has a password that was changed just now, which its restart will tell it.
 */
const OUTAGE_CODES = new Set(['P1000', 'P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2028', 'P2037']);
/** PostgreSQL's classes for: connection lost, not let in, resources used up, operator intervention or timeout. */
const OUTAGE_SQLSTATES = /^(?:08|28|53|57)/;
/** The driver gives these no code. */
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

/** Empty where PostgreSQL said nothing. */
function sqlStateOf(error: unknown): string {
  const { meta } = (error ?? {}) as { meta?: DriverError };
  return meta?.driverAdapterError?.cause?.originalCode ?? '';
}

function codeOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
