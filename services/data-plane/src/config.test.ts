import { describe, expect, test } from '@jest/globals';
import { readDataPlaneConfig } from './config.ts';

const complete = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  CALL_KEYS: 'a:b',
  COMMAND_KEYS: 'a:b',
  MANIFEST_VERIFY_KEYS: '{}',
  SECRETS_STORE: 'file',
  SECRETS_DIR: '/tmp/secrets',
  SECRETS_KEY: Buffer.alloc(32).toString('base64'),
};

test('without further settings nothing inside is reachable, over TLS only', () => {
  const config = readDataPlaneConfig(complete);
  expect([config.EGRESS_ALLOW_CIDRS, config.EGRESS_ALLOW_HTTP, config.EGRESS_PORTS]).toEqual([[], false, undefined]);
});

test.each([
  ['any', 'any'],
  ['443, 9443', new Set([443, 9443])],
])('EGRESS_PORTS=%s', (text, ports) => {
  expect(readDataPlaneConfig({ ...complete, EGRESS_PORTS: text }).EGRESS_PORTS).toEqual(ports);
});

describe('refused, with the name of the setting and without its value', () => {
  test.each([
    ['EGRESS_PORTS', 'any,443'],
    ['EGRESS_PORTS', '70000'],
    ['EGRESS_ALLOW_CIDRS', '10.0.0.1'],
    ['EGRESS_ALLOW_CIDRS', 'everything/0'],
    ['RESPONSE_BYTES_MAX', '99999999'],
    ['SECRETS_KEY', 'c2hvcnQ='],
    ['SECRETS_KEY', ''],
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

describe('the store of AWS', () => {
  const { SECRETS_DIR, SECRETS_KEY, ...rest } = { ...complete, SECRETS_STORE: 'aws' };

  test('needs an environment and nothing of the file store', () => {
    expect(readDataPlaneConfig({ ...rest, ENVIRONMENT: 'prod' })).toMatchObject({ ENVIRONMENT: 'prod' });
  });

  test.each(['', 'a/b'])('refuses the environment %j', (ENVIRONMENT) => {
    expect(() => readDataPlaneConfig({ ...rest, ENVIRONMENT })).toThrow('  ENVIRONMENT: ');
  });
});
