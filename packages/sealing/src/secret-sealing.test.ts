import { describe, expect, test } from '@jest/globals';
import { AppError } from '@toolplane/contracts';
import { CompactEncrypt, importJWK } from 'jose';
import { generateSealingKeyPair, openCredential, openSecret, sealSecret } from './secret-sealing.ts';

const { publicKey, privateJwk } = await generateSealingKeyPair();
const other = await generateSealingKeyPair();
const secret = { value: 'canary-value', hosts: ['api.example.com', '*.example.org', 'localhost:8080'] };
/** Seals for one audience; tests of the data plane check audiences. */
const seal = (sent: Parameters<typeof sealSecret>[1], key = publicKey) =>
  sealSecret({ key, audience: 'ws/srv/KEY' }, sent);
const sealed = await seal(secret);

test('a sealed secret can be opened, with the hosts that it may be sent to', async () => {
  expect(sealed.split('.')).toHaveLength(5);
  expect(await openSecret(privateJwk, sealed)).toEqual(secret);
});

test('the public key is the one that the API publishes, and holds no private half', () => {
  expect(publicKey).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ECDH-ES+A256KW', use: 'enc' });
  expect(JSON.stringify(publicKey)).not.toContain(String(privateJwk['d']));
});

test('keys are rotated without interruption: a holder of both opens both', async () => {
  const both = [other.privateJwk, privateJwk];
  expect(await openSecret(both, sealed)).toEqual(secret);
  expect(await openSecret(both, await seal(secret, other.publicKey))).toEqual(secret);
});

describe('sealed credentials', () => {
  const credential = {
    value: { api_key: 'canary-value', port: 8080, is_sandbox: true, note: '' },
    hosts: secret.hosts,
  };

  test('can be opened with their fields as typed, and with the hosts that they may be sent to', async () => {
    expect(await openCredential(privateJwk, await seal(credential))).toEqual(credential);
    const none = { value: {}, hosts: secret.hosts };
    expect(await openCredential(privateJwk, await seal(none))).toEqual(none);
  });

  test('are not accepted as a secret, nor a secret as credentials', async () => {
    await expect(openSecret(privateJwk, await seal(credential))).rejects.toBeInstanceOf(AppError);
    await expect(openCredential(privateJwk, sealed)).rejects.toBeInstanceOf(AppError);
  });

  test.each<[string, object]>([
    ['a list for a field', { ...credential, value: { api_key: ['canary-value'] } }],
    ['an object for a field', { ...credential, value: { api_key: { it: 'canary-value' } } }],
    ['null for a field', { ...credential, value: { api_key: null } }],
    ['a text that is too long', { ...credential, value: { api_key: 'canary'.repeat(20_000) } }],
    ['a list of fields', { ...credential, value: ['canary-value'] }],
    ['no hosts', { ...credential, hosts: [] }],
    ['a host that is a URL', { ...credential, hosts: ['https://canary.example.com/'] }],
    ['a field name that is a value', { ...credential, value: { 'CANARY-value canary-value': [] } }],
    ['a member that may be a value', { ...credential, 'canary-value': 1 }],
    ['an unknown member', { ...credential, canary: 'canary-value' }],
  ])('with %s are refused, and the error names the place without its value', async (_name, sent) => {
    const token = await seal(sent as typeof credential);
    const error = await openCredential(privateJwk, token).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid_request', details: [{ path: expect.stringMatching(/^\//) }] });
    const { message, details, cause } = error as AppError;
    expect(JSON.stringify([message, details, String(cause)])).not.toContain('canary-value');
  });
});

describe('where a sealed value may be sent', () => {
  const rule = 'must be host, host:port or *.host, in lowercase';

  test.each([
    ['https://api.example.com/', rule],
    ['API.example.com', rule],
    ['api.example.com:', rule],
    ['api.example.com:65536', 'must have a port of at most 65535'],
    ['api.example.com:99999', 'must have a port of at most 65535'],
    ['*.10.0.0.1', 'must not have *. before an IP address'],
    ['*.10.0.0.1:8080', 'must not have *. before an IP address'],
    ['*.1', 'must not have *. before an IP address'],
    ['*.0x7f.0x1', 'must not have *. before an IP address'],
  ])('is not %s: the error names the place and the rule', async (host, message) => {
    const token = await seal({ value: 'canary-value', hosts: ['api.example.com', host] });
    await expect(openSecret(privateJwk, token)).rejects.toMatchObject({
      message: `The sealed value does not fit {value, hosts}: /hosts/1 ${message}`,
      details: [{ path: '/hosts/1', message }],
    });
  });

  test('is a host with any valid port, all names below a host, or an address', async () => {
    const hosts = ['api.example.com:65535', '*.example.org:8443', '10.0.0.1', '10.0.0.1:8080', '*.1x', '*.10.example'];
    const token = await seal({ value: 'canary-value', hosts });
    expect((await openSecret(privateJwk, token)).hosts).toEqual(hosts);
  });
});

describe('a sealed value is refused as invalid_request, without revealing its content,', () => {
  async function encrypt(content: string, header: { alg: string; enc: string; kid?: string }, key = publicKey) {
    return new CompactEncrypt(new TextEncoder().encode(content))
      .setProtectedHeader(header)
      .encrypt(await importJWK(key, header.alg));
  }
  const header = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', kid: publicKey.kid };
  const content = JSON.stringify(secret);

  test.each<[string, () => string | Promise<string>]>([
    ['sealed for another key', () => seal(secret, other.publicKey)],
    ['sealed for another key under this kid', () => seal(secret, { ...other.publicKey, kid: publicKey.kid })],
    ['without kid', () => encrypt(content, { alg: header.alg, enc: header.enc })],
    ['with another algorithm', () => encrypt(content, { ...header, alg: 'ECDH-ES' })],
    ['with another encryption', () => encrypt(content, { ...header, enc: 'A128GCM' })],
    ['with a changed ciphertext', () => sealed.replace(/\.([^.])([^.]*)\.([^.]*)$/, '.A$1$2.$3')],
    ['that is truncated', () => sealed.slice(0, -8)],
    ['that is not a JWE', () => 'canary-value'],
    ['that is empty', () => ''],
    ['that does not hold JSON', () => encrypt('canary-value', header)],
    ['that holds only a text', () => encrypt('"canary-value"', header)],
    ['without hosts', () => encrypt('{"value":"canary-value"}', header)],
    ['with an empty list of hosts', () => encrypt('{"value":"canary-value","hosts":[]}', header)],
    ['with a URL for a host', () => encrypt('{"value":"canary-value","hosts":["https://a.b/c"]}', header)],
    ['with an unknown field', () => encrypt('{"value":"canary-value","hosts":["a.b"],"x":1}', header)],
    ['with an empty value', () => encrypt('{"value":"","hosts":["canary-value.b"]}', header)],
  ])('%s', async (_name, make) => {
    const error = await openSecret(privateJwk, await make()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    const { code, message, details, cause } = error as AppError;
    expect(code).toBe('invalid_request');
    expect(JSON.stringify([message, details, String(cause)])).not.toContain('canary');
  });
});
