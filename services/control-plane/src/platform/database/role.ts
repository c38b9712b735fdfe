import assert from 'node:assert';
import { AppError } from '@toolplane/contracts';
import pg from 'pg';
import { whileNobodyMigrates, withMigrationLock } from './migrate.ts';

/** A role belongs to the whole PostgreSQL cluster. */
const ROLE = 'toolplane_service';

const CREATE_ROLE = `
DO $$
BEGIN
  CREATE ROLE ${ROLE} NOLOGIN;
  GRANT ${ROLE} TO CURRENT_USER;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- There already, or made by another process just now.
END $$`;

/**
 * Grants rights on tables with row-level security and on functions that run with the rights of their owner, but on no
 * other tables and functions of the database. The name must match `ROLE_NAME`.
 */
const toGrants = (role: string) => `
DO $$
DECLARE
  walled regclass;
  lent regprocedure;
BEGIN
  FOR walled IN SELECT oid FROM pg_class WHERE relrowsecurity AND relnamespace = current_schema()::regnamespace LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO ${role}', walled);
  END LOOP;
  FOR lent IN SELECT oid FROM pg_proc WHERE prosecdef AND pronamespace = current_schema()::regnamespace LOOP
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO ${role}', lent);
  END LOOP;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${role}', current_schema());
  EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO ${role}', current_schema());
END $$`;

/**
 * Returns the role in which transactions run: that of the URL, or, if that is a superuser or has BYPASSRLS and
 * therefore bypasses row-level security, a role created for this purpose. Rejects if neither role separates tenants.
 */
export function ensureWalledRole(databaseUrl: string): Promise<string> {
  return whileNobodyMigrates(databaseUrl, async (client) => {
    const given = await getCurrentRole(client);
    if (!given.bypasses) return given.name;
    try {
      await client.query(CREATE_ROLE);
      await client.query(toGrants(ROLE));
      await client.query(`SET ROLE ${ROLE}`);
    } catch (error) {
      throw error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE ? refusal(error) : error;
    }
    const made = await getCurrentRole(client);
    if (made.bypasses) throw refusal();
    return made.name;
  });
}

/** A name that matches needs no quotes in SQL, and is used unchanged. */
export const ROLE_NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** Grants a role that owns nothing the rights to run the control plane, which then cannot change the schema. */
export function grantToService(databaseUrl: string, role: string): Promise<void> {
  assert(ROLE_NAME.test(role));
  return withMigrationLock(databaseUrl, async (client) => {
    await client.query(toGrants(role));
    await client.query(`GRANT SELECT ON _prisma_migrations TO ${role}`);
  });
}

const INSUFFICIENT_PRIVILEGE = '42501';

async function getCurrentRole(client: pg.Client): Promise<{ name: string; bypasses: boolean }> {
  const { rows } = await client.query<{ name: string; bypasses: boolean }>(
    'SELECT rolname AS name, rolsuper OR rolbypassrls AS bypasses FROM pg_roles WHERE rolname = current_user',
  );
  const [role] = rows;
  assert(role !== undefined);
  return role;
}

function refusal(cause?: Error): AppError {
  return new AppError(
    'internal',
    'The role of DATABASE_URL bypasses row-level security, which separates tenants, and cannot switch to the role ' +
      `${ROLE}, which does not; use a role that owns the database, is not a superuser and does not have BYPASSRLS`,
    { cause },
  );
}
