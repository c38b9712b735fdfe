import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { sealSecret, secretAudience } from '@toolplane/sealing';
import { type DataPlanes, openDataPlanes } from './data-planes.ts';
import { newFolder } from './new-folder.ts';
import { planOf } from './plan.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';
import { startVault } from './vault-server.ts';

jest.setTimeout(60_000);

/** Tests the process as it is deployed, with each of the stores that run in another process. */

const CANARY = 'sk_canary_0123456789';
const TOKEN = 'hvs.canary-token';
const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
const record = { value: CANARY, hosts: ['127.0.0.1'] };

let planes: DataPlanes;
beforeAll(async () => {
  planes = await openDataPlanes();
});
afterEach(async () => {
  await planes.stopAll();
  for (const canary of [CANARY, TOKEN]) expect(planes.logs).not.toContain(canary);
});
afterAll(async () => {
  await planes[Symbol.asyncDispose]();
});

const done = { ok: true, outcome: 'done', value: { ok: true } };

/** Publishes a plan that sends the secret. */
async function publish(api: Upstream): Promise<string> {
  const step = { id: 's', url: `${api.url}/x`, headers: { 'X-Key': '$secrets.KEY' }, secrets: ['KEY'] };
  return planes.publish(planOf([step], { ok: '$steps.s.response.body.ok' }));
}

test('mounted files: calls use their secrets, nothing is stored, and the process starts without sealing keys', async () => {
  await using api = await startUpstream(json({ ok: true }));
  const folder = await newFolder();
  await writeFile(join(folder, 'ws.srv.KEY'), JSON.stringify(record));
  await planes.start({ SECRETS_STORE: 'mounted', SECRETS_DIR: folder });
  expect(await planes.call(await publish(api))).toEqual(done);
  expect(api.seen.map(({ headers }) => headers['x-key'])).toEqual([CANARY]);
  for (const command of [{ command: 'get_sealing_key' }, { command: 'delete_secret', ref }]) {
    expect(await planes.command(command)).toMatchObject({ ok: false, error: { code: 'secret_store_read_only' } });
  }
});

test('mounted files: without the folder the process does not start', async () => {
  const folder = join(await newFolder(), 'none');
  const child = await planes.start({ SECRETS_STORE: 'mounted', SECRETS_DIR: folder });
  expect(child.exitCode).toBe(1);
});

test('Vault: what a person sealed is stored there and used by calls', async () => {
  await using api = await startUpstream(json({ ok: true }));
  await using vault = await startVault();
  vault.tokens.set(TOKEN, Number.POSITIVE_INFINITY);
  const settings = { VAULT_ADDR: vault.address, VAULT_TOKEN: TOKEN, ENVIRONMENT: 'test' };
  await planes.start({ SECRETS_STORE: 'vault', ...settings });
  const sealed = await sealSecret({ key: await planes.getSealingKey(), audience: secretAudience(ref) }, record);
  const command = { command: 'store_secret', ref, sealed, version: 1, isUsed: true, overlapMs: 0 };
  expect(await planes.command(command)).toMatchObject({ ok: true });
  expect(await planes.call(await publish(api))).toEqual(done);
  expect(api.seen.map(({ headers }) => headers['x-key'])).toEqual([CANARY]);
  expect(vault.entries.has('secret/toolplane/test/ws/srv/KEY')).toBe(true);
});
