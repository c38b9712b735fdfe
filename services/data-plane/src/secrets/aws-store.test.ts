import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SecretValue } from '@toolplane/service-kit';
import { fault, type LocalSecretsManager, startSecretsManager } from '../../test/secrets-manager.ts';
import { createAwsStore } from './aws-store.ts';
import { describeSecretStore } from './secret-store.contract.ts';

const CANARY = 'sk_canary_0123456789';
const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
const secret = { value: new SecretValue(CANARY), hosts: ['api.example.com'], version: 1 };

let manager: LocalSecretsManager;
beforeAll(async () => {
  manager = await startSecretsManager();
});
afterAll(async () => {
  await manager[Symbol.asyncDispose]();
});

describeSecretStore('AWS Secrets Manager', () =>
  createAwsStore({ environment: 'test', client: manager.clientConfig() }),
);

test('names contain environment, workspace and server', async () => {
  await createAwsStore({ environment: 'prod', client: manager.clientConfig() }).put(ref, secret);
  expect(manager.secrets.get('toolplane/prod/ws/srv/KEY')).toContain(CANARY);
});

test('secrets are encrypted with the configured key', async () => {
  const store = createAwsStore({ environment: 'keyed', kmsKey: 'alias/toolplane', client: manager.clientConfig() });
  await store.create(ref, secret);
  expect(manager.kmsKeys.get('toolplane/keyed/ws/srv/KEY')).toBe('alias/toolplane');
});

test('environments do not see each other', async () => {
  await createAwsStore({ environment: 'prod', client: manager.clientConfig() }).put(ref, secret);
  const staging = createAwsStore({ environment: 'staging', client: manager.clientConfig() });
  expect(await staging.get(ref)).toBeUndefined();
});

describe('an unusable manager gives secret_unavailable, never "no such secret"', () => {
  test.each([
    ['throttled', fault('ThrottlingException')],
    ['denied', fault('AccessDeniedException')],
    ['broken', fault('InternalServiceError', 500)],
  ])('%s', async (_name, answer) => {
    const store = createAwsStore({ environment: 'test', client: manager.clientConfig() });
    manager.fault = answer;
    const failures = await Promise.all(
      [store.get(ref), store.put(ref, secret), store.create(ref, secret), store.delete(ref)].map((use) =>
        (use as Promise<unknown>).catch((error) => error),
      ),
    );
    manager.fault = undefined;
    for (const failure of failures) {
      expect(failure).toMatchObject({ code: 'secret_unavailable', message: 'The secret store cannot be used' });
      expect(inspect(failure, { depth: 9 })).not.toContain(CANARY);
    }
  });

  test('with wrong credentials', async () => {
    const credentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'wrong' };
    const store = createAwsStore({ environment: 'test', client: manager.clientConfig({ credentials }) });
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'secret_unavailable' });
  });

  test('not answering', async () => {
    manager.isHanging = true;
    const store = createAwsStore({ environment: 'test', client: manager.clientConfig(), requestMs: 50 });
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'secret_unavailable' });
    manager.isHanging = false;
  });

  test('unreachable', async () => {
    const store = createAwsStore({
      environment: 'test',
      client: manager.clientConfig({ endpoint: 'http://127.0.0.1:1' }),
    });
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'secret_unavailable' });
  });

  test('holding a record that somebody else wrote', async () => {
    manager.secrets.set('toolplane/test/ws/srv/FOREIGN', CANARY);
    const store = createAwsStore({ environment: 'test', client: manager.clientConfig() });
    const failure = await store.get({ ...ref, name: 'FOREIGN' }).catch((error) => error);
    expect(failure).toMatchObject({ code: 'secret_unavailable' });
    expect(inspect(failure, { depth: 9 })).not.toContain(CANARY);
  });
});
