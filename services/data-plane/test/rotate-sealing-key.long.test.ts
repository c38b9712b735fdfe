import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { openSecret, sealSecret } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { createFileStore } from '../src/secrets/file-store.ts';
import { loadSealingKeys } from '../src/secrets/sealing-keys.ts';
import type { SecretStore } from '../src/secrets/secret-store.ts';
import { newFolder } from './new-folder.ts';

const secret = { value: 'canary-value', hosts: ['api.example.com'] };

let settings: Record<string, string>;
let store: SecretStore;
beforeEach(async () => {
  const folder = await newFolder();
  const key = randomBytes(32).toString('base64');
  settings = { SECRETS_STORE: 'file', SECRETS_DIR: folder, SECRETS_KEYS: key };
  store = await createFileStore({ folder, key: new SecretValue(key) });
});

async function run(args: string[] = [], environment = settings) {
  const program = join(import.meta.dirname, '../src/rotate-sealing-key.ts');
  const flags = ['--conditions=toolplane-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, program, ...args], { env: environment });
  const exited = new Promise((resolve) => child.on('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  return { stdout, stderr, code };
}

test('the program creates a new key, says which are kept and until when, and reveals no private key', async () => {
  const before = await loadSealingKeys(store);
  const sealed = await sealSecret({ key: before.publicKey, audience: 'ws/srv/KEY' }, secret);
  const { stdout, stderr, code } = await run();
  expect([code, stderr]).toEqual([0, '']);
  const { publicKey, privateJwks } = await loadSealingKeys(store);
  expect(stdout).toMatch(/^new [\w-]{43}\nkept [\w-]{43} until \d{4}-\d{2}-\d{2}T.*Z\n$/);
  expect([stdout.includes(publicKey.kid), stdout.includes(before.publicKey.kid)]).toEqual([true, true]);
  for (const key of privateJwks) expect(stdout).not.toContain(String(key['d']));
  expect(await openSecret(privateJwks, sealed)).toEqual(secret);
});

test('a stolen key is not kept', async () => {
  await loadSealingKeys(store);
  const { stdout, code } = await run(['--stolen']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^new [\w-]{43}\n$/)]);
  expect((await loadSealingKeys(store)).privateJwks).toHaveLength(1);
});

describe('a store that is not the data plane’s is refused in one line, and left unchanged', () => {
  test('an empty folder', async () => {
    const { stdout, stderr, code } = await run();
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^secret_missing: .*sealing key.*\n$/);
    expect(await readdir(settings['SECRETS_DIR'] ?? '')).toEqual([]);
  });

  test('a missing folder', async () => {
    const folder = join(settings['SECRETS_DIR'] ?? '', 'typo');
    const { stdout, stderr, code } = await run([], { ...settings, SECRETS_DIR: folder });
    expect([code, stdout, stderr]).toEqual([1, '', `secret_unavailable: SECRETS_DIR: ${folder} is not there\n`]);
    expect(await readdir(settings['SECRETS_DIR'] ?? '')).toEqual([]);
  });
});

test('--help prints the usage, without any settings', async () => {
  const usage = 'usage: rotate-sealing-key [--stolen] [--help]\n';
  expect(await run(['--help'], {})).toEqual({ code: 0, stdout: usage, stderr: '' });
});

describe('the exit code says', () => {
  test('the store cannot be used', async () => {
    await loadSealingKeys(store);
    const key = randomBytes(32).toString('base64');
    expect(await run([], { ...settings, SECRETS_KEYS: key })).toMatchObject({ code: 1, stdout: '' });
  });

  test('it is started with wrong arguments, and no settings are revealed', async () => {
    const wrong = await run(['--other']);
    expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('usage: rotate-sealing-key') });
    const { code, stderr } = await run([], { ...settings, SECRETS_KEYS: 'canary' });
    expect([code, stderr]).toEqual([2, expect.stringContaining('SECRETS_KEYS')]);
    expect(stderr).not.toContain('canary');
  });
});
