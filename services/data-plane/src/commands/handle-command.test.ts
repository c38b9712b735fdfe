import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { sealSecret, secretAudience } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { newFolder } from '../../test/new-folder.ts';
import { startCommands, type TestCommands } from '../../test/start-commands.ts';
import { createFileStore } from '../secrets/file-store.ts';
import { createSealingKeys, loadSealingKeys, type SealingKeyRing } from '../secrets/sealing-keys.ts';
import type { SecretStore } from '../secrets/secret-store.ts';

const CANARY = 'sk_canary_0123456789';
const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
const hosts = ['api.example.com'];

let store: SecretStore;
let sealingKey: SealingKeyRing;
let commands: TestCommands;

beforeEach(async () => {
  const folder = await newFolder();
  store = await createFileStore({ folder, key: new SecretValue(randomBytes(32).toString('base64')) });
  sealingKey = await loadSealingKeys(store);
  commands = startCommands(store);
});

const seal = (value: string) => commands.seal(secretAudience(ref), value, hosts);
const send: TestCommands['send'] = (...command) => commands.send(...command);
/** Builds the command that stores the first version of a secret. */
const storing = (sealed: string, asked = ref) => {
  return { command: 'store_secret', ref: asked, sealed, version: 1, isUsed: true, overlapMs: 0 };
};

describe('the sealing key', () => {
  test('is public, and no private part is in the answer', async () => {
    const outcome = await send({ command: 'get_sealing_key' }, 'platform');
    expect(outcome).toMatchObject({ ok: true, value: { kty: 'EC', alg: 'ECDH-ES+A256KW', use: 'enc' } });
    expect(outcome).not.toHaveProperty('value.d');
  });

  test('stays the same across restarts', async () => {
    expect(await loadSealingKeys(store)).toEqual(sealingKey);
  });

  test('is the same for replicas that start together', async () => {
    const folder = await newFolder();
    const shared = await createFileStore({ folder, key: new SecretValue(randomBytes(32).toString('base64')) });
    const keys = await Promise.all(Array.from({ length: 4 }, () => loadSealingKeys(shared)));
    expect(new Set(keys.map(({ publicKey }) => publicKey.kid)).size).toBe(1);
  });
});

describe('a connect link', () => {
  test('opens for the workspace that it was made in, and is unknown to all others', async () => {
    const whose = { ownerId: 'ws', instanceId: 'coi', scope: 'user', subject: 'ada' } as const;
    const { token } = await commands.services.links.seal('ws', { ref: whose, authenticationId: 'main' });
    expect(await send({ command: 'open_connect_link', token }, 'ws')).toMatchObject({
      ok: true,
      value: { ref: whose },
    });
    const foreign = await send({ command: 'open_connect_link', token }, 'other');
    expect(foreign).toMatchObject({ ok: false, error: { code: 'not_found' } });
  });
});

describe('while the store is away, commands are unavailable', () => {
  test('and work once it is back, without a restart', async () => {
    let isAway = true;
    const away: SecretStore = {
      ...store,
      async get(asked) {
        if (isAway) throw new AppError('secret_unavailable', 'The secret store cannot be used');
        return store.get(asked);
      },
    };
    const { send, internalErrors } = startCommands(away);
    const asked = [{ command: 'get_sealing_key' }, storing(await seal(CANARY))];
    for (const command of asked) {
      expect(await send(command, 'ws')).toMatchObject({ ok: false, error: { code: 'secret_unavailable' } });
    }
    isAway = false;
    for (const command of asked) expect(await send(command, 'ws')).toMatchObject({ ok: true });
    expect(internalErrors).toEqual([]);
  });

  test('one load answers all commands that need it at the same time', async () => {
    let reads = 0;
    const getSealingKeys = createSealingKeys({
      ...store,
      get(asked) {
        reads += 1;
        return store.get(asked);
      },
    });
    const keys = await Promise.all([getSealingKeys(), getSealingKeys()]);
    expect([...keys, await getSealingKeys()]).toEqual([sealingKey, sealingKey, sealingKey]);
    expect(reads).toBe(1);
  });
});

describe('store_secret', () => {
  test('stores the value with its hosts, and its answer does not contain it', async () => {
    const outcome = await send(storing(await seal(CANARY)));
    expect(outcome).toEqual({ ok: true, outcome: 'done', value: { version: 1, hosts, isRedactable: true } });
    expect((await store.get(ref))?.value.reveal()).toBe(CANARY);
    expect(commands.announced).toEqual([ref]);
  });

  test('says which values cannot be redacted (B123)', async () => {
    const outcome = await send(storing(await seal('abc')));
    expect(outcome).toMatchObject({ ok: true, value: { isRedactable: false } });
  });

  test('refuses a value above the limit of the stores (B123)', async () => {
    const outcome = await send(storing(await seal('x'.repeat(65_536))));
    expect(outcome).toMatchObject({ ok: false, outcome: 'done', error: { code: 'payload_too_large' } });
  });

  test.each([
    [
      'sealed for another key',
      async () => {
        const folder = await newFolder();
        const other = await createFileStore({ folder, key: new SecretValue(randomBytes(32).toString('base64')) });
        return sealSecret(
          { key: (await loadSealingKeys(other)).publicKey, audience: secretAudience(ref) },
          { value: CANARY, hosts },
        );
      },
    ],
    ['not sealed', async () => CANARY],
    [
      'without hosts',
      async () =>
        sealSecret({ key: sealingKey.publicKey, audience: secretAudience(ref) }, { value: CANARY, hosts: [] }),
    ],
    ['empty', () => seal('')],
  ])('refuses a value that is %s, without quoting it', async (_name, sealed) => {
    const outcome = await send(storing(await sealed()));
    expect(outcome).toMatchObject({ ok: false, outcome: 'done', error: { code: 'invalid_request' } });
    expect(JSON.stringify(outcome)).not.toContain(CANARY);
    expect(await store.get(ref)).toBeUndefined();
    expect([commands.announced, commands.internalErrors]).toEqual([[], []]);
  });

  test('never writes for a tenant other than the one that the value is sealed for', async () => {
    const outcome = await send(storing(await seal(CANARY)), 'other');
    expect(outcome).toMatchObject({ ok: false, error: { code: 'not_found' } });
    expect(await store.get(ref)).toBeUndefined();
  });

  test.each(['A/B', '../KEY', '*', '', '_sealing_key', 'A'.repeat(10_000)])(
    'refuses the name %j (B122)',
    async (name) => {
      const outcome = await send(storing(await seal(CANARY), { ...ref, name }));
      expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
    },
  );
});

describe('delete_secret', () => {
  test('removes the value and announces it', async () => {
    await send(storing(await seal(CANARY)));
    commands.announced.length = 0;
    expect(await send({ command: 'delete_secret', ref })).toEqual({ ok: true, outcome: 'done', value: null });
    expect([await store.get(ref), commands.announced]).toEqual([undefined, [ref]]);
  });

  test('of another tenant is not found', async () => {
    await send(storing(await seal(CANARY)));
    expect(await send({ command: 'delete_secret', ref }, 'other')).toMatchObject({ error: { code: 'not_found' } });
    expect(await store.get(ref)).toBeDefined();
  });
});

test('fetch_document returns what was fetched for its tenant, and gives up its slot while it has to wait', async () => {
  const url = 'https://api.example.com/openapi.json';
  expect(await send({ command: 'fetch_document', url })).toMatchObject({
    ok: true,
    value: { gzipped: `${url} for ws` },
  });
  expect(commands.slotsLeft()).toBe(1);
});

test('fetch_document fetches the metadata of a client apart from other documents, and gives up its slot at once (T45)', async () => {
  const url = 'https://client.example.com/client.json';
  expect(await send({ command: 'fetch_document', url, refusesRedirects: true })).toMatchObject({
    ok: true,
    value: { gzipped: `${url} of a client` },
  });
  expect(commands.slotsLeft()).toBe(1);
});

test.each([
  null,
  'x',
  {},
  { command: 'get_secret', ref },
  { command: 'get_sealing_key', extra: 1 },
  { command: 'fetch_document' },
])('no command reads a value, and unknown ones are refused: %j', async (body) => {
  expect(await send(body)).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
});
