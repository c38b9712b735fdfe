import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { certificate } from '@toolplane/loopback/certificate';
import { createLogger, SecretValue } from '@toolplane/service-kit';
import { newFolder } from '../../test/new-folder.ts';
import { failed, type LocalVault, startVault } from '../../test/vault-server.ts';
import { describeSecretStore } from './secret-store.contract.ts';
import { createVaultStore } from './vault-store.ts';

const CANARY = 'sk_canary_0123456789';
const TOKEN = 'hvs.canary-token';
const ref = { workspaceId: 'ws', serverId: 'srv', name: 'KEY' };
const secret = { value: new SecretValue(CANARY), hosts: ['api.example.com'], version: 1 };
const PATH = 'secret/data/toolplane/test/ws/srv/KEY';

let vault: LocalVault;
beforeAll(async () => {
  vault = await startVault();
});
afterAll(async () => {
  await vault[Symbol.asyncDispose]();
});
beforeEach(() => {
  vault.tokens.set(TOKEN, Number.POSITIVE_INFINITY);
  vault.requests.length = 0;
});

type Options = Partial<Parameters<typeof createVaultStore>[0]>;

function storeOf({ settings, ...options }: Omit<Options, 'settings'> & { settings?: object } = {}) {
  return createVaultStore({
    environment: 'test',
    mount: 'secret',
    authentication: { kind: 'token', token: new SecretValue(TOKEN) },
    settings: { address: vault.address, ...settings },
    ...options,
  });
}

describeSecretStore('Vault, KV version 2', () => storeOf());

test('paths contain mount, environment, workspace and server; the record is the entry', async () => {
  await storeOf().put(ref, secret);
  expect(vault.entries.get('secret/toolplane/test/ws/srv/KEY')?.versions.at(-1)?.data).toEqual({
    version: 1,
    hosts: ['api.example.com'],
    value: CANARY,
  });
});

test('a deleted secret is gone with all its versions', async () => {
  const store = storeOf();
  await store.put(ref, secret);
  await store.put(ref, { ...secret, version: 2 });
  await store.delete(ref);
  expect(vault.entries.has('secret/toolplane/test/ws/srv/KEY')).toBe(false);
});

test('what an operator deleted by hand is absent', async () => {
  vault.entries.set('secret/toolplane/test/ws/srv/KEY', { versions: [{ data: {}, isDeleted: true }] });
  expect(await storeOf().get(ref)).toBeUndefined();
});

test('requests name the namespace', async () => {
  await storeOf({ settings: { namespace: 'team/a' } }).get(ref);
  expect(vault.namespaces.at(-1)).toBe('team/a');
});

describe('over TLS', () => {
  test('the server’s certificate must be from the configured authority', async () => {
    await using server = await startVault({ isTls: true });
    server.tokens.set(TOKEN, Number.POSITIVE_INFINITY);
    const trusting = storeOf({ settings: { address: server.address, certificateAuthority: certificate } });
    await trusting.put(ref, secret);
    expect((await trusting.get(ref))?.value.reveal()).toBe(CANARY);
    const doubting = storeOf({ settings: { address: server.address } });
    await expect(doubting.get(ref)).rejects.toMatchObject({ code: 'secret_unavailable' });
  });
});

describe('an unusable Vault gives secret_unavailable, never "no such secret", and no token is revealed', () => {
  async function expectUnavailable(store: ReturnType<typeof storeOf>): Promise<void> {
    const uses = [store.get(ref), store.put(ref, secret), store.create(ref, secret), store.delete(ref)];
    for (const failure of await Promise.all(uses.map((use) => (use as Promise<unknown>).catch((error) => error)))) {
      expect(failure).toMatchObject({ code: 'secret_unavailable', message: 'The secret store cannot be used' });
      const text = inspect(failure, { depth: 9, showHidden: true });
      for (const canary of [CANARY, TOKEN]) expect(text).not.toContain(canary);
    }
  }

  test.each([
    ['denied', failed(403, '1 error occurred:\n\t* permission denied\n\n')],
    ['throttled', failed(429, 'request path "secret/data": rate limit quota exceeded')],
    ['broken', failed(500, 'internal error')],
    ['sealed', failed(503, 'Vault is sealed')],
    ['not the expected service', { status: 404, body: '<html>Not Found</html>' }],
    ['answering with garbage', { status: 200, body: '<html>Welcome</html>' }],
    ['redirecting', { status: 307, body: '' }],
  ])('%s', async (_name, answer) => {
    vault.fault = answer;
    await expectUnavailable(storeOf());
    vault.fault = undefined;
  });

  test('the log says what Vault said, and the caller does not learn it', async () => {
    vault.fault = failed(403, 'permission denied');
    const failure = await storeOf()
      .get(ref)
      .catch((error) => error);
    vault.fault = undefined;
    const lines: string[] = [];
    createLogger('test', 'warn', { write: (line) => void lines.push(line) }).warn({ err: failure }, 'away');
    expect(lines.join('')).toContain('Vault answers 403: permission denied');
    expect(failure.message).toBe('The secret store cannot be used');
  });

  test('not answering', async () => {
    vault.isHanging = true;
    await expectUnavailable(storeOf({ settings: { requestMs: 50 } }));
    vault.isHanging = false;
  });

  test('unreachable', () => expectUnavailable(storeOf({ settings: { address: 'http://127.0.0.1:1' } })));

  test('unreachable: the error code of reads and of writes is logged', async () => {
    const store = storeOf({ settings: { address: 'http://127.0.0.1:1' } });
    const uses = [store.get(ref), store.delete(ref)];
    const message = expect.stringMatching(/^Vault cannot be reached: (?:ECONNREFUSED|ERR_SOCKET_\w+)$/);
    await Promise.all(uses.map((use) => expect(use).rejects.toMatchObject({ cause: { message } })));
  });

  test('without a secrets engine at the mount', () => expectUnavailable(storeOf({ mount: 'other' })));

  test('holding a record that somebody else wrote', async () => {
    vault.entries.set('secret/toolplane/test/ws/srv/KEY', { versions: [{ data: { key: CANARY }, isDeleted: false }] });
    const failure = await storeOf()
      .get(ref)
      .catch((error) => error);
    expect(failure).toMatchObject({ code: 'secret_unavailable' });
    expect(inspect(failure, { depth: 9 })).not.toContain(CANARY);
  });
});

describe('a Vault that is busy for a moment', () => {
  test('is asked again for reads, three times in all', async () => {
    await storeOf().put(ref, secret);
    vault.requests.length = 0;
    vault.faults = [failed(429, 'busy'), failed(503, 'Vault is sealed')];
    expect((await storeOf().get(ref))?.value.reveal()).toBe(CANARY);
    expect(vault.requests).toEqual([`GET ${PATH}`, `GET ${PATH}`, `GET ${PATH}`]);
  });

  test('is not asked again for writes', async () => {
    vault.faults = [failed(503, 'busy')];
    await expect(storeOf().put(ref, secret)).rejects.toMatchObject({ code: 'secret_unavailable' });
    expect(vault.requests).toEqual([`POST ${PATH}`]);
  });
});

describe('the token', () => {
  const newFile = async (text: string) => {
    const path = join(await newFolder(), 'token');
    await writeFile(path, text);
    return path;
  };

  test('from a file is read for each request, so that its owner can replace it', async () => {
    const path = await newFile(`${TOKEN}\n`);
    const store = storeOf({ authentication: { kind: 'file', path } });
    await store.put(ref, secret);
    vault.tokens.delete(TOKEN);
    vault.tokens.set('hvs.next', Number.POSITIVE_INFINITY);
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'secret_unavailable' });
    await writeFile(path, 'hvs.next');
    expect(await store.get(ref)).toBeDefined();
  });

  test('from a missing file is unavailable', async () => {
    const store = storeOf({ authentication: { kind: 'file', path: '/nonexistent/token' } });
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'secret_unavailable' });
  });

  describe('from a Kubernetes service account', () => {
    const LOGIN = 'POST auth/kubernetes/login';
    const RENEWAL = 'POST auth/token/renew-self';
    const READ = `GET ${PATH}`;
    let read: () => Promise<unknown>;
    beforeEach(async () => {
      Object.assign(vault.account, { leaseSeconds: 3600, renewSeconds: 3600, isRenewable: true });
      const tokenFile = await newFile('jwt');
      const authentication = { kind: 'kubernetes', role: 'data-plane', mount: 'kubernetes', tokenFile } as const;
      const store = storeOf({ authentication, now: () => vault.time.nowMs });
      read = () => store.get(ref);
    });
    const pass = (seconds: number) => {
      vault.time.nowMs += seconds * 1000;
    };

    test('is obtained once for concurrent requests', async () => {
      await Promise.all([read(), read(), read()]);
      await read();
      expect(vault.requests).toEqual([LOGIN, READ, READ, READ, READ]);
    });

    test('is renewed before its lease ends', async () => {
      await read();
      pass(2399);
      await read();
      pass(1);
      await read();
      expect(vault.requests).toEqual([LOGIN, READ, READ, RENEWAL, READ]);
    });

    test('is obtained anew when its lease has ended, or cannot be renewed or extended', async () => {
      await read();
      pass(3600);
      await read();
      vault.account.renewSeconds = 60;
      pass(2400);
      await read();
      vault.account.isRenewable = false;
      pass(3600);
      await read();
      pass(2400);
      await read();
      expect(vault.requests).toEqual([LOGIN, READ, LOGIN, READ, RENEWAL, LOGIN, READ, LOGIN, READ, LOGIN, READ]);
    });

    test('is obtained anew when Vault refuses it, but not repeatedly for what it does not permit', async () => {
      await read();
      vault.tokens.clear();
      pass(10);
      await read();
      expect(vault.requests).toEqual([LOGIN, READ, READ, LOGIN, READ]);
      vault.faults = [failed(403, 'permission denied')];
      await expect(read()).rejects.toMatchObject({ code: 'secret_unavailable' });
      expect(vault.requests.slice(5)).toEqual([READ]);
    });

    test('is used to the end of its lease when it cannot be renewed for the moment', async () => {
      await read();
      pass(2400);
      vault.faults = [failed(503, 'busy'), failed(503, 'busy')];
      expect(await read()).toBeDefined();
      expect(vault.requests).toEqual([LOGIN, READ, RENEWAL, LOGIN, READ]);
    });

    test('is not issued to another account, and secrets are then unavailable', async () => {
      vault.account.jwt = 'of another pod';
      await expect(read()).rejects.toMatchObject({ code: 'secret_unavailable' });
      vault.account.jwt = 'jwt';
    });
  });
});
