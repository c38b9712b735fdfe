import { beforeEach, describe, expect, test } from '@jest/globals';
import type { CredentialField, CredentialRef, Json, SealedCredential } from '@toolplane/contracts';
import { credentialAudience, toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { startCommands, type TestCommands } from '../../test/start-commands.ts';
import { parseCredential, serializeCredential, type TokenGrant } from '../secrets/credential.ts';

const CANARY = 'sk_canary_0123456789';
const ref: CredentialRef = { ownerId: 'ws', instanceId: 'coi', scope: 'user', subject: 'ada@example.com' };
const hosts = ['api.example.com', '*.example.org:8443'];
const field = (key: string, rest: Partial<CredentialField> = {}): CredentialField => {
  return { key, isSecret: true, isRequired: true, ...rest };
};

let store: ReturnType<typeof createMemoryStore>;
let commands: TestCommands;
beforeEach(() => {
  store = createMemoryStore();
  commands = startCommands(store);
});

type Rest = {
  fields?: CredentialField[];
  authenticationId?: string;
  needsSignIn?: true;
  ref?: CredentialRef;
  sealed?: string;
};

async function storeFields(value: SealedCredential['value'], { sealed, ...rest }: Rest = {}, tenant = 'ws') {
  const command = {
    command: 'store_credential',
    ref,
    authenticationId: 'api_key',
    fields: [field('api_key')],
    sealed: sealed ?? (await commands.seal(credentialAudience(rest.ref ?? ref), value, hosts)),
    ...rest,
  };
  return commands.send(command as Json, tenant);
}

async function stored(of = ref) {
  const secret = await store.get(toSecretRef(of));
  if (secret === undefined) return undefined;
  const { authentication, fields, grant } = parseCredential(secret);
  const texts = Object.fromEntries(Array.from(fields, ([key, text]) => [key, text.reveal()]));
  return { authentication, fields: texts, grant, hosts: secret.hosts, version: secret.version };
}

describe('store_credential', () => {
  test('stores the fields with their hosts, and its answer does not contain their values', async () => {
    const answer = { version: 1, hosts, fields: ['api_key'], isUsable: true };
    expect(await storeFields({ api_key: CANARY })).toEqual({ ok: true, outcome: 'done', value: answer });
    expect(await stored()).toEqual({
      authentication: 'api_key',
      fields: { api_key: CANARY },
      grant: undefined,
      hosts,
      version: 1,
    });
    expect(commands.announced).toEqual([toSecretRef(ref)]);
  });

  test('keeps one record for each scope and subject', async () => {
    const refs: CredentialRef[] = [
      ref,
      { ...ref, subject: 'grace' },
      { ...ref, scope: 'agent' },
      { ...ref, instanceId: 'other' },
      { ownerId: 'ws', instanceId: 'coi', scope: 'organization' },
    ];
    for (const [index, it] of refs.entries()) await storeFields({ api_key: `key ${index}` }, { ref: it });
    for (const [index, it] of refs.entries())
      expect(await stored(it)).toMatchObject({ fields: { api_key: `key ${index}` } });
  });

  test('converts numbers and booleans to text', async () => {
    const fields = [field('port'), field('is_sandbox'), field('ratio')];
    await storeFields({ port: 8080, is_sandbox: false, ratio: 0.5 }, { fields });
    expect(await stored()).toMatchObject({ fields: { port: '8080', is_sandbox: 'false', ratio: '0.5' } });
  });

  test('replaces the record completely, and counts its versions', async () => {
    const fields = [field('api_key'), field('note', { isRequired: false })];
    await storeFields({ api_key: CANARY, note: 'first' }, { fields });
    expect(await storeFields({ api_key: 'second' }, { fields })).toMatchObject({
      value: { version: 2, fields: ['api_key'] },
    });
    expect(await stored()).toMatchObject({ fields: { api_key: 'second' }, version: 2 });
    expect((await stored())?.fields).not.toHaveProperty('note');
  });

  test('treats an empty field as absent, even where the descriptor has a default', async () => {
    const fields = [field('api_key'), field('region', { default: 'eu' }), field('note', { isRequired: false })];
    expect(await storeFields({ api_key: CANARY, region: '', note: '' }, { fields })).toMatchObject({
      ok: true,
      value: { fields: ['api_key'] },
    });
  });

  test('names every field that does not fit, without quoting any', async () => {
    const fields = [field('api_key'), field('user'), field('pin', { isRequired: false })];
    const value = { user: '', pin: 2 ** 60, extra: CANARY, [CANARY.toUpperCase()]: CANARY };
    const outcome = await storeFields(value, { fields });
    expect(outcome).toMatchObject({ ok: false, outcome: 'done', error: { code: 'invalid_request' } });
    expect(outcome).toHaveProperty('error.details', [
      { path: '/value/extra', message: 'is not a field of this authentication' },
      { path: '/value/(an invalid key)', message: 'is not a field of this authentication' },
      { path: '/value/pin', message: 'is too long to be exact as a number: send it as text' },
      { path: '/value/api_key', message: 'is required' },
      { path: '/value/user', message: 'is required' },
    ]);
    expect(JSON.stringify(outcome)).not.toMatch(/canary/i);
    expect([await stored(), commands.announced]).toEqual([undefined, []]);
  });

  test('refuses a value of the wrong type, naming the field and the rule but never the value', async () => {
    const fields = [
      field('port', { type: 'number' }),
      field('is_sandbox', { type: 'boolean' }),
      field('base', { type: 'url' }),
      field('region', { type: 'select', options: ['eu', 'us'] }),
      field('api_key', { type: 'secret' }),
      field('note', { type: 'string', isRequired: false }),
    ];
    const right = { port: '8080', is_sandbox: 'true', base: 'https://api.example.com/v1', region: 'eu', api_key: '1' };
    const others = {
      port: -0.5,
      is_sandbox: false,
      base: 'HTTP://localhost:8080',
      region: 'us',
      api_key: 12,
      note: true,
    };
    for (const value of [right, others]) expect(await storeFields(value, { fields })).toMatchObject({ ok: true });
    const wrong = { ...right, port: `8080 ${CANARY}`, is_sandbox: CANARY, base: `ftp://${CANARY}/`, region: CANARY };
    const outcome = await storeFields(wrong, { fields });
    expect(outcome).toMatchObject({
      error: { code: 'invalid_request', message: 'The credentials are not valid: /value/port is not a number' },
    });
    expect(outcome).toHaveProperty('error.details', [
      { path: '/value/port', message: 'is not a number' },
      { path: '/value/is_sandbox', message: 'is neither true nor false' },
      { path: '/value/base', message: 'is not an absolute http or https URL' },
      { path: '/value/region', message: 'is not one of: eu, us' },
    ]);
    expect(JSON.stringify(outcome)).not.toContain(CANARY);
  });

  test.each([
    ['number', 'one', '0x10', 'Infinity', '1,5', true],
    ['boolean', 'yes', 'TRUE', 1],
    ['url', 'api.example.com', '/v1', 'https:api', 'https://a b', 'javascript:alert(1)', 'https://'],
  ] as const)('refuses these as a %s', async (type, ...values) => {
    for (const it of values) {
      const outcome = await storeFields({ it }, { fields: [field('it', { type })] });
      expect([it, outcome]).toMatchObject([it, { error: { details: [{ path: '/value/it' }] } }]);
    }
  });

  test('ignores an empty field of any type', async () => {
    const fields = [field('port', { type: 'number', isRequired: false }), field('site', { type: 'url', default: 'x' })];
    expect(await storeFields({ port: '', site: '' }, { fields })).toMatchObject({ ok: true, value: { fields: [] } });
  });

  test.each<[string, () => Promise<string>]>([
    ['of the wrong form', () => commands.seal(credentialAudience(ref), CANARY, hosts)],
    ['with a list for a field', () => commands.seal(credentialAudience(ref), { api_key: [CANARY] } as never, hosts)],
    ['without hosts', () => commands.seal(credentialAudience(ref), { api_key: CANARY }, [])],
    ['that is not sealed', async () => CANARY],
    [
      'sealed for another key',
      () => startCommands(createMemoryStore()).seal(credentialAudience(ref), { api_key: CANARY }, hosts),
    ],
  ])('refuses sealed data %s, without quoting it', async (_name, seal) => {
    const outcome = await storeFields({}, { sealed: await seal() });
    expect(outcome).toMatchObject({ ok: false, outcome: 'done', error: { code: 'invalid_request' } });
    expect(JSON.stringify(outcome)).not.toContain(CANARY);
    expect([await stored(), commands.announced, commands.internalErrors]).toEqual([undefined, [], []]);
  });

  test('never writes for a tenant other than the one that the data is sealed for', async () => {
    expect(await storeFields({ api_key: CANARY }, {}, 'other')).toMatchObject({ error: { code: 'not_found' } });
    expect(store.texts.size).toBe(1);
  });

  test.each([{ ownerId: 'a/b' }, { instanceId: '../x' }, { instanceId: '' }])('refuses the place %j', async (part) => {
    const outcome = await storeFields({ api_key: CANARY }, { ref: { ...ref, ...part } }, part.ownerId ?? 'ws');
    expect(outcome).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
  });

  test('returns payload_too_large for more than a store accepts', async () => {
    const outcome = await storeFields({ api_key: 'x'.repeat(65_536) });
    expect(outcome).toMatchObject({ ok: false, error: { code: 'payload_too_large' } });
  });
});

describe('the result of a person’s sign-in', () => {
  const fields = [
    field('client_id'),
    field('client_secret', { isRequired: false }),
    field('site', { isRequired: false }),
  ];
  const client = { id: 'app', workspaceId: 'ws' };
  const grant: TokenGrant = { client, accessToken: new SecretValue(CANARY), refreshToken: new SecretValue('refresh') };
  const put = async (rest: Partial<TokenGrant> = {}, authentication = 'oauth') => {
    const record = { authentication, fields: new Map([['client_id', new SecretValue('app')]]) };
    const value = serializeCredential({ ...record, grant: { ...grant, ...rest } });
    await store.put(toSecretRef(ref), { value, hosts, version: 7 });
  };
  const rest = { fields, authenticationId: 'oauth', needsSignIn: true } as const;

  test('is missing before it, so that the credentials cannot be used yet', async () => {
    expect(await storeFields({ client_id: 'app' }, rest)).toMatchObject({ ok: true, value: { isUsable: false } });
  });

  test('stays valid with the same client', async () => {
    await put();
    const outcome = await storeFields({ client_id: 'app', client_secret: 'rotated', site: 'x' }, rest);
    expect(outcome).toMatchObject({
      value: { version: 8, isUsable: true, fields: ['client_id', 'client_secret', 'site'] },
    });
    expect((await stored())?.grant?.accessToken.reveal()).toBe(CANARY);
    expect(JSON.stringify(outcome)).not.toContain(CANARY);
  });

  test('is lost with another client', async () => {
    await put();
    expect(await storeFields({ client_id: 'other' }, rest)).toMatchObject({ value: { isUsable: false } });
    expect((await stored())?.grant).toBeUndefined();
  });

  test('never goes to hosts that it was not granted for: new hosts end it', async () => {
    const sealed = async (...others: string[]) => ({
      sealed: await commands.seal(credentialAudience(ref), { client_id: 'app' }, others),
    });
    await put();
    expect(await storeFields({}, { ...rest, ...(await sealed(...hosts.slice(0, 1))) })).toMatchObject({
      value: { isUsable: true, hosts: hosts.slice(0, 1) },
    });
    expect(await storeFields({}, { ...rest, ...(await sealed(...hosts)) })).toMatchObject({
      value: { isUsable: false },
    });
    expect((await stored())?.grant).toBeUndefined();
  });

  test('is lost with another authentication', async () => {
    await put({}, 'another');
    expect(await storeFields({ client_id: 'app' }, rest)).toMatchObject({ value: { isUsable: false } });
  });

  test('is not kept once it has ended', async () => {
    const record = { client, accessToken: grant.accessToken, expiresAt: 0 };
    const value = serializeCredential({ authentication: 'oauth', fields: new Map(), grant: record });
    await store.put(toSecretRef(ref), { value, hosts, version: 1 });
    expect(await storeFields({}, { ...rest, fields: [] })).toMatchObject({ value: { isUsable: false } });
  });
});

describe('delete_credential', () => {
  test('removes the record and announces it, even when there is none', async () => {
    await storeFields({ api_key: CANARY });
    commands.announced.length = 0;
    for (const _ of [1, 2]) {
      expect(await commands.send({ command: 'delete_credential', ref } as Json)).toEqual({
        ok: true,
        outcome: 'done',
        value: null,
      });
    }
    expect([await stored(), commands.announced]).toEqual([undefined, [toSecretRef(ref), toSecretRef(ref)]]);
  });

  test('of another tenant is not found', async () => {
    await storeFields({ api_key: CANARY });
    const outcome = await commands.send({ command: 'delete_credential', ref } as Json, 'other');
    expect(outcome).toMatchObject({ error: { code: 'not_found' } });
    expect(await stored()).toBeDefined();
  });

  test('also works for a record that cannot be read', async () => {
    await store.put(toSecretRef(ref), { value: new SecretValue('not ours'), hosts, version: 1 });
    expect(await commands.send({ command: 'delete_credential', ref } as Json)).toMatchObject({ ok: true });
  });
});
