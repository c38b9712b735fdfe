import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { CredentialRef, Json, PlanConnection } from '@toolplane/contracts';
import { credentialAudience, sealSecret } from '@toolplane/sealing';
import { type DataPlanes, openDataPlanes } from './data-planes.ts';
import { planOf } from './plan.ts';
import { startTokenServer } from './token-server.ts';
import { json, startUpstream, type Upstream } from './upstream.ts';

jest.setTimeout(60_000);

/** Tests connections as they are used: with two processes that share nothing but Redis and the secret store. */

const CANARY = 'sk_canary_0123456789';

let planes: DataPlanes;
beforeAll(async () => {
  planes = await openDataPlanes();
  await Promise.all([planes.start(), planes.start()]);
});
afterAll(async () => {
  await planes[Symbol.asyncDispose]();
});

async function storeCredential(ref: CredentialRef, value: Record<string, string>, authenticationId: string) {
  const fields = Object.keys(value).map((key) => ({ key, isSecret: true, isRequired: true }));
  const sealed = await sealSecret(
    { key: await planes.getSealingKey(), audience: credentialAudience(ref) },
    { value, hosts: ['127.0.0.1'] },
  );
  return planes.command({ command: 'store_credential', ref, authenticationId, fields, sealed } as Json);
}

const callAll = (digest: string, times: number) => {
  return Promise.all(Array.from({ length: times }, () => planes.call(digest)));
};
const planWith = (api: Upstream, connection: PlanConnection, headers: Record<string, string>) => {
  return planOf([{ id: 's', url: `${api.url}/x`, headers }], { ok: '$steps.s.response.body.ok' }, { connection });
};
const done = { ok: true, outcome: 'done', value: { ok: true } };

test('stored credentials are used by every process at once, and so are their replacements', async () => {
  await using api = await startUpstream(json({ ok: true }));
  const ref: CredentialRef = { ownerId: 'ws', instanceId: 'keys', scope: 'workspace', subject: 'ws' };
  const authentication = { id: 'api_key', fields: [{ key: 'api_key', isSecret: true, isRequired: true }] };
  const connection = { ownerId: 'ws', instanceId: 'keys', connector: 'tickets', authentication };
  const digest = await planes.publish(planWith(api, connection, { 'X-API-Key': '$secrets.api_key' }));
  const missing = { ok: false, outcome: 'not_started', error: { code: 'credentials_missing' } };
  for (const outcome of await callAll(digest, 8)) expect(outcome).toMatchObject(missing);
  for (const value of [CANARY, `${CANARY}-second`]) {
    expect(await storeCredential(ref, { api_key: value }, 'api_key')).toMatchObject({ ok: true });
    for (const outcome of await callAll(digest, 12)) expect(outcome).toEqual(done);
    const keys = api.seen.splice(0).map(({ headers }) => headers['x-api-key']);
    expect(keys).toEqual(Array.from({ length: 12 }, () => value));
  }
  expect(await planes.command({ command: 'delete_credential', ref } as Json)).toMatchObject({ ok: true });
  for (const outcome of await callAll(digest, 8)) expect(outcome).toMatchObject(missing);
  expect(planes.logs).not.toContain('canary');
});

test('a limit of a connector applies across both processes', async () => {
  await using api = await startUpstream(json({ ok: true }));
  const rateLimits = [{ scope: 'per_instance' as const, limit: 25, intervalMs: 60_000 }];
  const connection = { ownerId: 'ws', instanceId: 'limited', connector: 'tickets', rateLimits };
  const digest = await planes.publish(planWith(api, connection, {}));
  const outcomes = [...(await callAll(digest, 16)), ...(await callAll(digest, 16)), ...(await callAll(digest, 16))];
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(25);
  expect(api.seen).toHaveLength(25);
  for (const outcome of outcomes.filter(({ ok }) => !ok)) {
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'rate_limited' } });
  }
});

test('a person signs in, and a token with a single-use refresh token is renewed once for both processes', async () => {
  await using api = await startUpstream(json({ ok: true }));
  await using server = await startTokenServer();
  server.clients.set('app', CANARY);
  const ids = { ownerId: 'ws', instanceId: 'signed-in' };
  const clientRef: CredentialRef = { ...ids, scope: 'organization' };
  await storeCredential(clientRef, { client_id: 'app', client_secret: CANARY }, 'oauth');
  const { tokenUrl } = server;
  const ref: CredentialRef = { ...ids, scope: 'workspace', subject: 'ws' };
  const authorization = {
    authenticationId: 'oauth',
    workspaceId: 'ws',
    authorizationUrl: 'https://login.example.com/',
    tokenUrl,
    scopes: ['read'],
    clientAuth: 'basic',
    redirectUri: 'https://toolplane.example.com/callback',
  };
  const state = 'state-of-at-least-16';
  const started = await planes.command({ command: 'start_authorization', ref, authorization, state } as Json);
  if (!started.ok || started.outcome !== 'done') throw new Error(JSON.stringify(started));
  const { url, session } = started.value as { url: string; session: string };
  // The token has expired before it is used.
  server.lifetimeS = 0;
  const { code } = server.agree(url);
  const finished = await planes.command({ command: 'finish_authorization', ref, session, code } as Json);
  expect(finished).toMatchObject({ ok: true, value: { isUsable: true } });

  server.lifetimeS = 3600;
  server.seen.length = 0;
  const token = { grant: 'authorization_code' as const, tokenUrl, scopes: ['read'], clientAuth: 'basic' as const };
  const connection = { ...ids, connector: 'tickets', authentication: { id: 'oauth', fields: [], token } };
  const headers = { Authorization: 'Bearer $secrets.access_token' };
  const digest = await planes.publish(planWith(api, connection, headers));
  for (const outcome of await callAll(digest, 16)) expect(outcome).toEqual(done);
  expect(new Set(api.seen.map((request) => request.headers.authorization))).toEqual(
    new Set([`Bearer ${server.accessToken}`]),
  );
  expect(server.seen).toHaveLength(1);

  const folder = planes.settings['SECRETS_DIR'] ?? '';
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(join(folder, file), 'latin1')));
  expect(JSON.stringify([started, finished]) + planes.logs + files.join()).not.toContain('canary');
});
