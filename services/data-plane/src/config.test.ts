import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { readDataPlaneConfig } from './config.ts';
import { toEgressOptions } from './egress/egress-settings.ts';

const complete = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  CALL_KEYS: 'a:b',
  COMMAND_KEYS: 'a:b',
  MANIFEST_VERIFY_KEYS: '{}',
  SECRETS_STORE: 'file',
  SECRETS_DIR: '/tmp/secrets',
  SECRETS_KEYS: Buffer.alloc(32).toString('base64'),
};

test('by default nothing internal is reachable, and everything else only over TLS', () => {
  const config = readDataPlaneConfig(complete);
  expect([config.EGRESS_ALLOW_CIDRS, config.EGRESS_ALLOW_HTTP, config.EGRESS_PORTS]).toEqual([[], false, undefined]);
});

test.each([
  ['any', 'any'],
  ['443, 9443', new Set([443, 9443])],
])('EGRESS_PORTS=%s', (text, ports) => {
  expect(readDataPlaneConfig({ ...complete, EGRESS_PORTS: text }).EGRESS_PORTS).toEqual(ports);
});

test('an unset list of hosts allows all, and the password of the proxy is not printed', () => {
  const settings = { EGRESS_PROXY_URL: 'http://user:canary@proxy:3128', EGRESS_DNS_SERVERS: '10.0.0.2, [fd00::2]:53' };
  const config = readDataPlaneConfig({ ...complete, ...settings });
  const { policy, proxy } = toEgressOptions(config);
  expect(policy).toMatchObject({ hosts: { denyHosts: [] }, ports: new Set([443, 8443, 8080]), isHttpAllowed: false });
  expect(policy.hosts?.allowHosts).toBeUndefined();
  expect(proxy?.url.reveal()).toBe(settings.EGRESS_PROXY_URL);
  expect(inspect(config, { depth: 9 }) + JSON.stringify(config)).not.toContain('canary');
});

describe('refused, naming the setting without its value', () => {
  test.each([
    ['EGRESS_PORTS', 'any,443'],
    ['EGRESS_PORTS', '70000'],
    ['EGRESS_ALLOW_CIDRS', '10.0.0.1'],
    ['EGRESS_ALLOW_CIDRS', 'everything/0'],
    ['EGRESS_DENY_CIDRS', '10.0.0.1'],
    ['EGRESS_ALLOW_HOSTS', 'https://example.com'],
    ['EGRESS_DENY_HOSTS', 'example.com,Example.com'],
    ['EGRESS_DENY_HOSTS', '*.10.0.0.1'],
    ['EGRESS_DNS_SERVERS', 'dns.example.com'],
    ['EGRESS_DNS_SERVERS', '10.0.0.2:99999'],
    ['EGRESS_PROXY_URL', 'https://user:canary@proxy:3128'],
    ['EGRESS_PROXY_URL', 'proxy:3128'],
    ['EGRESS_PROXY_RESOLVES', 'yes'],
    ['MANIFEST_VERIFY_KEYS', ''],
    ['RESPONSE_BYTES_MAX', '99999999'],
    ['SECRETS_KEYS', 'c2hvcnQ='],
    ['SECRETS_KEYS', ''],
    ['SECRETS_DIR', ''],
    ['SECRETS_STORE', 'memory'],
    ['SECRETS_STORE', ''],
    ['SHUTDOWN_GRACE_MS', '1'],
  ])('%s=%s', (name, value) => {
    const read = () => readDataPlaneConfig({ ...complete, [name]: value });
    expect(read).toThrow(`  ${name}: `);
    if (value !== '') expect(read).not.toThrow(value);
  });
});

test.each([
  'REDIS_URL',
  'CALL_KEYS',
  'COMMAND_KEYS',
  'MANIFEST_VERIFY_KEYS',
  'SECRETS_STORE',
  'SECRETS_DIR',
  'SECRETS_KEYS',
])('without %s the start is refused, because it is required', (name) => {
  expect(() => readDataPlaneConfig({ ...complete, [name]: undefined })).toThrow(`  ${name}: is required`);
});

test('name resolution cannot be left to a proxy that is not configured', () => {
  const settings = { ...complete, EGRESS_PROXY_RESOLVES: 'true' };
  expect(() => readDataPlaneConfig(settings)).toThrow('  EGRESS_PROXY_URL: is required by EGRESS_PROXY_RESOLVES');
  const proxied = readDataPlaneConfig({ ...settings, EGRESS_PROXY_URL: 'http://proxy:3128' });
  expect(toEgressOptions(proxied).proxy).toMatchObject({ resolvesNames: true });
});

describe('the Vault store', () => {
  const { SECRETS_DIR, SECRETS_KEYS, ...rest } = { ...complete, SECRETS_STORE: 'vault', ENVIRONMENT: 'prod' };
  const vault = { ...rest, VAULT_ADDR: 'https://vault.example.com:8200', VAULT_TOKEN: 'hvs.canary' };

  test('needs its address and one way to log in', () => {
    expect(readDataPlaneConfig(vault)).toMatchObject({ VAULT_MOUNT: 'secret', VAULT_K8S_MOUNT: 'kubernetes' });
    expect(() => readDataPlaneConfig({ ...rest, VAULT_TOKEN: 'x' })).toThrow('  VAULT_ADDR: ');
    expect(() => readDataPlaneConfig({ ...vault, VAULT_TOKEN: '' })).toThrow('  VAULT_TOKEN: one of VAULT_TOKEN');
    expect(() => readDataPlaneConfig({ ...vault, VAULT_K8S_ROLE: 'x' })).toThrow('  VAULT_TOKEN: one of VAULT_TOKEN');
  });

  test.each(['http://127.0.0.1:8200', 'http://localhost:8200', 'http://[::1]:8200'])('may be at %s', (VAULT_ADDR) => {
    expect(readDataPlaneConfig({ ...vault, VAULT_ADDR })).toMatchObject({ VAULT_ADDR });
  });

  test.each([
    ['VAULT_ADDR', 'http://vault.example.com:8200'],
    ['VAULT_ADDR', 'http://127.0.0.1.example.com'],
    ['VAULT_ADDR', 'https://user:word@vault.example.com'],
    ['VAULT_ADDR', 'https://vault.example.com/path'],
    ['VAULT_ADDR', 'vault.example.com'],
    ['VAULT_MOUNT', '../sys'],
    ['VAULT_MOUNT', '/secret/'],
    ['VAULT_NAMESPACE', 'a b'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => readDataPlaneConfig({ ...vault, [name]: value })).toThrow(`  ${name}: `);
  });
});

describe('the mounted-files store', () => {
  test('needs a folder and no key', () => {
    const { SECRETS_KEYS, ...rest } = { ...complete, SECRETS_STORE: 'mounted' };
    expect(readDataPlaneConfig(rest)).toMatchObject({ SECRETS_DIR: '/tmp/secrets' });
    expect(() => readDataPlaneConfig({ ...rest, SECRETS_DIR: '' })).toThrow('  SECRETS_DIR: ');
  });
});

test('SECRETS_KEYS may contain several keys, all of 32 bytes', () => {
  const key = complete.SECRETS_KEYS;
  expect(readDataPlaneConfig({ ...complete, SECRETS_KEYS: `${key},${key}` })).toMatchObject({ SECRETS_STORE: 'file' });
  expect(() => readDataPlaneConfig({ ...complete, SECRETS_KEYS: `${key},c2hvcnQ=` })).toThrow('  SECRETS_KEYS: ');
});

describe('the AWS store', () => {
  const { SECRETS_DIR, SECRETS_KEYS, ...rest } = { ...complete, SECRETS_STORE: 'aws' };

  test('needs an environment and none of the file store’s settings', () => {
    expect(readDataPlaneConfig({ ...rest, ENVIRONMENT: 'prod' })).toMatchObject({ ENVIRONMENT: 'prod' });
  });

  test.each(['', 'a/b'])('refuses the environment %j', (ENVIRONMENT) => {
    expect(() => readDataPlaneConfig({ ...rest, ENVIRONMENT })).toThrow('  ENVIRONMENT: ');
  });
});
