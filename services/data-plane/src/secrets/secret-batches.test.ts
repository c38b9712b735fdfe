import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SecretValue } from '@toolplane/service-kit';
import { fault, type LocalSecretsManager, startSecretsManager } from '../../test/secrets-manager.ts';
import { createAwsStore } from './aws-store.ts';
import { createSecretCache, type SecretCache } from './secret-cache.ts';
import { serializeSecret } from './secret-store.ts';

const CANARY = 'sk_canary_0123456789';
const refOf = (name: string) => ({ workspaceId: 'ws', serverId: 'srv', name });
const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `KEY_${index}`);

let manager: LocalSecretsManager;
let cache: SecretCache;
let nowMs: number;
beforeEach(async () => {
  manager = await startSecretsManager();
  nowMs = 1_000_000;
  const store = createAwsStore({ environment: 'test', client: manager.clientConfig() });
  cache = createSecretCache({ store, now: () => nowMs, random: () => 0.5 });
});
afterEach(async () => {
  await manager[Symbol.asyncDispose]();
});

function put(...names: string[]): void {
  for (const name of names) {
    const secret = { value: new SecretValue(`${CANARY} ${name}`), hosts: ['api.example.com'], version: 1 };
    manager.secrets.set(`toolplane/test/ws/srv/${name}`, serializeSecret(secret));
  }
}

const read = async (name: string) => (await cache.get(refOf(name)))?.value.reveal();
const readAll = (names: string[]) => Promise.all(names.map(read));
const outcomesOf = async (names: string[]) =>
  (await Promise.allSettled(names.map(read))).map((it) => (it.status === 'fulfilled' ? it.value : it.reason.code));

describe('secrets that are read at the same time are requested together', () => {
  test('five secrets of a plan need one request', async () => {
    put(...namesOf(5));
    expect(await readAll(namesOf(5))).toEqual(namesOf(5).map((name) => `${CANARY} ${name}`));
    expect(manager.operations).toEqual(['BatchGetSecretValue']);
  });

  test('a hundred calls that need one secret make one request, of the kind that needs the fewest rights', async () => {
    put('KEY');
    await readAll(Array.from({ length: 100 }, () => 'KEY'));
    expect(manager.operations).toEqual(['GetSecretValue']);
  });

  test('a hundred calls that need five secrets each make one request', async () => {
    put(...namesOf(5));
    await Promise.all(Array.from({ length: 100 }, () => readAll(namesOf(5))));
    expect(manager.operations).toEqual(['BatchGetSecretValue']);
  });

  test('up to twenty fit into one request', async () => {
    put(...namesOf(41));
    expect(new Set(await readAll(namesOf(41))).size).toBe(41);
    expect(manager.operations.toSorted()).toEqual(['BatchGetSecretValue', 'BatchGetSecretValue', 'GetSecretValue']);
  });
});

describe('each has its own result', () => {
  test('a missing one is missing, a forbidden one is unavailable, the others are returned', async () => {
    put('MINE', 'DENIED');
    manager.denied.add('toolplane/test/ws/srv/DENIED');
    expect(await outcomesOf(['MINE', 'NONE', 'DENIED'])).toEqual([`${CANARY} MINE`, undefined, 'secret_unavailable']);
  });

  test('a record that somebody else wrote does not affect the others', async () => {
    put('MINE');
    manager.secrets.set('toolplane/test/ws/srv/FOREIGN', CANARY);
    expect(await outcomesOf(['MINE', 'FOREIGN'])).toEqual([`${CANARY} MINE`, 'secret_unavailable']);
  });

  test('an invalid reference does not affect the others (B122)', async () => {
    put('MINE');
    expect(await outcomesOf(['MINE', '../KEY'])).toEqual([`${CANARY} MINE`, 'invalid_request']);
  });
});

test('without the right to read several at once, each is requested, and batches are not retried for a while', async () => {
  put(...namesOf(2));
  manager.fault = fault('AccessDeniedException');
  manager.faultOf = 'BatchGetSecretValue';
  expect(await readAll(namesOf(2))).toEqual(namesOf(2).map((name) => `${CANARY} ${name}`));
  cache.expireAll();
  await readAll(namesOf(2));
  expect(manager.operations).toEqual(['BatchGetSecretValue', ...Array.from({ length: 4 }, () => 'GetSecretValue')]);
});

describe('while the manager cannot be used, known values stay in use for an hour and then are unavailable', () => {
  test.each([
    ['throttled', () => (manager.fault = fault('ThrottlingException'))],
    ['denied', () => (manager.fault = fault('AccessDeniedException'))],
    ['broken', () => (manager.fault = fault('InternalServiceError', 500))],
    ['not the expected service', () => (manager.fault = { status: 200, body: { hello: 'world' } })],
  ])('%s', async (_name, breakIt) => {
    put(...namesOf(2));
    const values = await readAll(namesOf(2));
    breakIt();
    nowMs += 59 * 60_000;
    expect(await readAll(namesOf(2))).toEqual(values);
    nowMs += 60_000;
    const failures = await Promise.allSettled(namesOf(2).map(read));
    expect(failures.map((it) => it.status === 'rejected' && it.reason.code)).toEqual([
      'secret_unavailable',
      'secret_unavailable',
    ]);
    expect(inspect(failures, { depth: 9 })).not.toContain(CANARY);
  });
});
