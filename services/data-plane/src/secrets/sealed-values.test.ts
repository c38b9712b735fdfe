import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { CredentialRef, Json } from '@toolplane/contracts';
import {
  credentialAudience,
  externalClientAudience,
  inspectionAudience,
  secretAudience,
  singleSignOnAudience,
} from '@toolplane/sealing';
import { startHealthServer } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { startCommands } from '../../test/start-commands.ts';

/*
 * An attacker who has captured a sealed value (in a repository, a log, or at a proxy) must not be able to store it as a
 * secret of their own and read it back through a host that echoes it.
 */

const CANARY = 'sk_canary_0123456789';
const place = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
const credential: CredentialRef = { ownerId: 'ws', instanceId: 'coi', scope: 'user', subject: 'ada' };
const field = { key: 'api_key', isSecret: true, isRequired: true };

const storeSecret = (sealed: string, ref = place, rest: object = {}) =>
  ({ command: 'store_secret', ref, sealed, version: 1, isUsed: true, overlapMs: 0, ...rest }) as Json;
const storeCredential = (sealed: string, ref = credential) =>
  ({ command: 'store_credential', ref, authenticationId: 'main', fields: [field], sealed }) as Json;

describe('a sealed value that was captured', () => {
  const elsewhere: [string, string][] = [
    ['another secret of the server', secretAudience({ ...place, name: 'OTHER' })],
    ['a secret of another server', secretAudience({ ...place, serverId: 'other' })],
    ['a secret of another workspace', secretAudience({ ...place, workspaceId: 'other' })],
    ['credentials', credentialAudience(credential)],
    ['the client of an external server', externalClientAudience({ ...credential, instanceId: 'srv' })],
    ['single sign-on', singleSignOnAudience('ws', 'https://id.example.test')],
    ['looking at an external server', inspectionAudience('ws', 'https://mcp.example.test/mcp')],
    ['something that is no place', '<script>'],
  ];

  test.each(elsewhere)(
    'for %s is not stored as a secret, and the error says what to do (T40)',
    async (_name, audience) => {
      const store = createMemoryStore();
      const { send, seal } = startCommands(store);
      const outcome = await send(storeSecret(await seal(audience, CANARY)));
      expect(outcome).toMatchObject({
        ok: false,
        outcome: 'done',
        error: {
          code: 'invalid_request',
          message: expect.stringMatching(
            /^The sealed value was sealed for .+, not for the secret KEY of the server srv \(workspace ws\): seal it again/,
          ),
        },
      });
      expect(JSON.stringify(outcome)).not.toContain('<script>');
      expect(await store.get(place)).toBeUndefined();
      expect(await send(storeSecret(await seal(secretAudience(place), CANARY)))).toMatchObject({ ok: true });
    },
  );

  test('is not stored in a workspace of its own by whoever captured it (T40)', async () => {
    const { send, seal } = startCommands(createMemoryStore());
    const captured = await seal(secretAudience(place), CANARY);
    const outcome = await send(storeSecret(captured, { ...place, workspaceId: 'attacker' }), 'attacker');
    expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  });

  test.each([
    ['user', { ...credential, subject: 'eve' }],
    ['scope', { ...credential, scope: 'workspace' as const, subject: 'ws' }],
    ['instance', { ...credential, instanceId: 'other' }],
  ])('is not stored as credentials of another %s (T40)', async (_name, ref) => {
    const { send, seal } = startCommands(createMemoryStore());
    const captured = await seal(credentialAudience(credential), { api_key: CANARY });
    expect(await send(storeCredential(captured, ref))).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
    expect(await send(storeCredential(captured))).toMatchObject({ ok: true });
  });

  test('cannot be given another audience: its header is sealed with it (T40)', async () => {
    const { send, seal } = startCommands(createMemoryStore());
    const [header = '', ...rest] = (await seal(secretAudience({ ...place, serverId: 'other' }), CANARY)).split('.');
    const changed = { ...JSON.parse(Buffer.from(header, 'base64url').toString()), aud: secretAudience(place) };
    const forged = [Buffer.from(JSON.stringify(changed)).toString('base64url'), ...rest].join('.');
    expect(await send(storeSecret(forged))).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  });
});

test('is stored where the control plane names the place: under another name, or for single sign-on', async () => {
  const { send, seal } = startCommands(createMemoryStore());
  const audience = secretAudience({ ...place, name: 'EXTERNAL_WEATHER_AUTHORIZATION' });
  const replaced = { ...place, name: 'EXTERNAL_WEATHER_AUTHORIZATION_0A1B2C3D' };
  expect(await send(storeSecret(await seal(audience, CANARY), replaced, { audience }))).toMatchObject({ ok: true });
  expect(await send(storeSecret(await seal(audience, CANARY), replaced))).toMatchObject({ ok: false });
});

describe('a value that does not say what it is for', () => {
  let metrics: Awaited<ReturnType<typeof startHealthServer>>;
  beforeAll(async () => {
    metrics = await startHealthServer({ host: '127.0.0.1', port: 0, checks: {}, describe: async () => ({}) });
  });
  afterAll(() => void metrics.close());
  async function counted(result: string): Promise<number> {
    const text = await (await fetch(`http://127.0.0.1:${(metrics.address() as AddressInfo).port}/metrics`)).text();
    return Number(new RegExp(`toolplane_seals_without_audience_total\\{result="${result}"\\} (\\d+)`).exec(text)?.[1]);
  }

  test('is refused, unless the operator accepts it until a certain time; both are counted (T40)', async () => {
    const store = createMemoryStore();
    const fresh = startCommands(store);
    const refusedBefore = await counted('refused');
    expect(await fresh.send(storeSecret(await fresh.seal(undefined, CANARY)))).toMatchObject({
      ok: false,
      error: {
        code: 'invalid_request',
        message: expect.stringContaining('does not say what it was sealed for: seal it again'),
      },
    });
    expect(await counted('refused')).toBe(refusedBefore + 1);

    const upgraded = startCommands(store, { withoutAudienceUntil: new Date(fresh.time.nowMs + 1000) });
    const old = await upgraded.seal(undefined, CANARY);
    const acceptedBefore = await counted('accepted');
    expect(await upgraded.send(storeSecret(old))).toMatchObject({ ok: true });
    expect(await counted('accepted')).toBe(acceptedBefore + 1);
    const wrong = await upgraded.seal(secretAudience({ ...place, name: 'OTHER' }), CANARY);
    expect(await upgraded.send(storeSecret(wrong))).toMatchObject({ ok: false });
    upgraded.time.nowMs += 60_000;
    expect(await upgraded.send(storeSecret(old))).toMatchObject({ ok: false });
  });
});

test.each(['*.com', '*.github.io'])('%s is refused as a host of a secret (T54)', async (host) => {
  const { send, seal } = startCommands(createMemoryStore());
  expect(await send(storeSecret(await seal(secretAudience(place), CANARY, ['api.example.com', host])))).toMatchObject({
    ok: false,
    error: {
      code: 'invalid_request',
      details: [{ path: '/hosts/1', message: expect.stringContaining('public suffix') }],
    },
  });
});
