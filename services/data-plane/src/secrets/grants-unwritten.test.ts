import { afterAll, expect, jest, test } from '@jest/globals';
import { AppError, type ConnectionToken, type CredentialRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { openClient } from '../../test/open-client.ts';
import { createProcessLocks } from '../../test/process-locks.ts';
import { startTokenServer } from '../../test/token-server.ts';
import { serializeCredential } from './credential.ts';
import { createCredentialRecords } from './credential-records.ts';
import { createGrants } from './grants.ts';
import { createSecretCache } from './secret-cache.ts';

const client = openClient();
afterAll(() => client.close());

const ref: CredentialRef = { ownerId: 'ws', instanceId: 'coi', scope: 'user', subject: 'ada@example.com' };

test('a token that replaces a refused one stays in use while the store does not accept it', async () => {
  await using server = await startTokenServer();
  server.clients.set('app', 'of-the-app');
  const body = new URLSearchParams({ grant_type: 'authorization_code', code: agreedAt(server) });
  const answer = await (await fetch(server.tokenUrl, { method: 'POST', body, headers: basic })).json();
  const { access_token, refresh_token } = answer as Record<string, string>;
  // The grant does not state its expiry.
  const grant = {
    client: { id: 'app', workspaceId: 'ws' },
    accessToken: new SecretValue(access_token ?? ''),
    refreshToken: new SecretValue(refresh_token ?? ''),
  };
  const store = createMemoryStore();
  const fields = new Map([
    ['client_id', new SecretValue('app')],
    ['client_secret', new SecretValue('of-the-app')],
  ]);
  const value = serializeCredential({ authentication: 'oauth', fields, grant });
  await store.put(toSecretRef(ref), { value, hosts: ['127.0.0.1'], version: 1 });
  const secrets = createSecretCache({ store });
  const records = createCredentialRecords({
    store,
    locks: createProcessLocks(),
    runLater: () => {},
    announceChange: async () => {},
  });
  const grants = createGrants({ records, secrets, client });
  const token: ConnectionToken = {
    grant: 'authorization_code',
    tokenUrl: server.tokenUrl,
    scopes: [],
    clientAuth: 'basic',
  };
  const get = async () => {
    const secret = await secrets.get(toSecretRef(ref));
    if (secret === undefined) throw new Error('Nothing is stored');
    return (await grants.getAccessToken({ workspaceId: 'ws', ref, secret, token })).reveal();
  };

  jest.spyOn(store, 'put').mockRejectedValue(new AppError('secret_unavailable', 'Away'));
  grants.expire(ref, new SecretValue(await get()));
  const tokens = [await get(), await get(), await get()];
  expect(tokens).toEqual([server.accessToken, server.accessToken, server.accessToken]);
  expect(tokens).not.toContain(access_token);
  // The first sign-in, and one renewal.
  expect(server.seen).toHaveLength(2);
});

const basic = { authorization: `Basic ${btoa('app:of-the-app')}` };

function agreedAt(server: Awaited<ReturnType<typeof startTokenServer>>): string {
  const url = new URL('https://example.com/?client_id=app&code_challenge_method=S256');
  url.searchParams.set('code_challenge', '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU');
  return server.agree(url.href).code;
}
