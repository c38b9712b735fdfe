import { expect, test } from '@jest/globals';
import { type ExternalServerOfTest, serve } from '../../test/external-servers.ts';
import { answerJson } from '../../test/misbehaving-server.ts';
import { client } from '../../test/run-tool.ts';
import { createConnectionPool } from './connection-pool.ts';

/* Tests how many sessions with external servers stay open, and which ones end first (T22). */

/** Gives each client a session, and records the sessions that clients end. */
async function startServer(): Promise<ExternalServerOfTest & { ended: unknown[] }> {
  let sessions = 0;
  const ended: unknown[] = [];
  const server = await serve((request, response, body) => {
    if (request.method === 'DELETE') ended.push(request.headers['mcp-session-id']);
    if (request.method !== 'POST') return void response.writeHead(200).end();
    const { id } = JSON.parse(body);
    if (id === undefined) return void response.writeHead(202).end();
    response.setHeader('mcp-session-id', `session-${++sessions}`);
    const serverInfo = { name: 'odd', version: '1' };
    answerJson(response, {
      jsonrpc: '2.0',
      id,
      result: { protocolVersion: '2025-11-25', capabilities: {}, serverInfo },
    });
  });
  return Object.assign(server, { ended });
}

const limits = () => ({ timeoutMs: 5000, signal: new AbortController().signal });

function targetOf(url: string, workspaceId: string, sessionOwner: string | undefined) {
  const known = { transport: 'http', era: 'legacy' } as const;
  return { workspaceId, url, ...known, headers: {}, abilities: [], sessionOwner };
}

test('a workspace with many users ends its own sessions, and not those of another', async () => {
  await using server = await startServer();
  const pool = createConnectionPool({ http: client });
  const use = async (workspaceId: string, owner: string) => {
    const target = targetOf(server.url, workspaceId, owner);
    const { connection, isFresh } = await pool.acquire(target, limits());
    pool.release(target, connection);
    return isFresh;
  };
  await use('quiet', 'ada');
  for (let user = 0; user < 60; user += 1) await use('noisy', `user-${user}`);
  expect(await use('quiet', 'ada')).toBe(false);
  expect([await use('noisy', 'user-59'), await use('noisy', 'user-0')]).toEqual([false, true]);
  await pool.close();
  expect(new Set(server.ended).size).toBe(62);
});

test('sessions that are released last are ended before the pool is closed, or at once', async () => {
  await using server = await startServer();
  const pool = createConnectionPool({ http: client });
  const nobodys = targetOf(server.url, 'ws', undefined);
  const ofAda = targetOf(server.url, 'ws', 'ada');
  const late = await pool.open(ofAda, limits());
  pool.release(nobodys, await pool.open(nobodys, limits()));
  await pool.close();
  expect(server.ended).toEqual(['session-2']);
  pool.release(ofAda, late);
  await pool.close();
  expect(server.ended).toEqual(['session-2', 'session-1']);
});
