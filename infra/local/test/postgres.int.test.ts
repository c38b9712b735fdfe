import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { startPostgres } from '../postgres.ts';

const home = mkdtempSync(join(tmpdir(), 'toolplane-postgres-'));
const options = { folder: join(home, 'postgres'), logFile: join(home, 'postgres.log'), isThrowaway: true };

afterAll(() => rmSync(home, { recursive: true, force: true }));

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  try {
    await client.connect();
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the local PostgreSQL', () => {
  test('gives the services a role that is subject to row-level security, and keeps data across restarts', async () => {
    const first = await startPostgres(options);
    try {
      const role = 'SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user';
      expect(await query(first.url, role)).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false }]);
      const addresses = await query(first.superuserUrl, "SELECT current_setting('listen_addresses') AS addresses");
      expect(addresses).toEqual([{ addresses: '127.0.0.1' }]);
      expect(statSync(join(options.folder, 'passwords.json')).mode & 0o777).toBe(0o600);
      await expect(query(first.url.replace(/:[^:@]*@/, ':wrong@'), 'SELECT')).rejects.toThrow(/password/);
      await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS seven');
    } finally {
      await first.child.stop();
    }
    expect(await first.child.ended).toBe('exit code 0');

    // A killed start leaves a pid file behind, whose process id another program may have by now.
    writeFileSync(join(options.folder, 'data', 'postmaster.pid'), `${process.pid}\n`);
    const second = await startPostgres(options);
    try {
      expect(await query(second.url, 'SELECT seven FROM kept')).toEqual([{ seven: 7 }]);

      const third = await startPostgres(options);
      expect(await second.child.ended).toBe('exit code 0');
      await third.child.stop();
    } finally {
      await second.child.stop();
    }
  });
});
