import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { SecretValue } from '@toolplane/service-kit';
import { SECRET_BYTES_MAX, type Secret, type SecretStore } from './secret-store.ts';

/** What every secret store promises. */
export function describeSecretStore(name: string, create: () => SecretStore | Promise<SecretStore>): void {
  describe(`secret store: ${name}`, () => {
    let store: SecretStore;
    beforeAll(async () => {
      store = await create();
    });

    test('gives back what was put, hosts and version included', async () => {
      const ref = newRef();
      await store.put(ref, secretOf('first "value"\né'));
      const found = await store.get(ref);
      expect(found?.value.reveal()).toBe('first "value"\né');
      expect(found).toMatchObject({ hosts: ['api.example.com'], version: 1 });
    });

    test('knows nothing of names that were never put', async () => {
      expect(await store.get(newRef())).toBeUndefined();
    });

    test('a put replaces', async () => {
      const ref = newRef();
      await store.put(ref, secretOf('old'));
      await store.put(ref, { ...secretOf('new'), version: 2 });
      expect(await store.get(ref)).toMatchObject({ value: secretOf('new').value, version: 2 });
      expect((await store.get(ref))?.value.reveal()).toBe('new');
    });

    test('of several that create at once, one succeeds', async () => {
      const ref = newRef();
      const values = ['a', 'b', 'c', 'd'];
      const created = await Promise.all(values.map((value) => store.create(ref, secretOf(value))));
      expect(created.filter(Boolean)).toHaveLength(1);
      expect((await store.get(ref))?.value.reveal()).toBe(values[created.indexOf(true)]);
    });

    test('a deleted secret is gone, and its name is free', async () => {
      const ref = newRef();
      await store.put(ref, secretOf('old'));
      await store.delete(ref);
      expect(await store.get(ref)).toBeUndefined();
      expect(await store.create(ref, secretOf('new'))).toBe(true);
    });

    test('deleting what is not there is no error', async () => {
      await expect(store.delete(newRef())).resolves.toBeUndefined();
    });

    test('servers, workspaces and upper and lower case are kept apart', async () => {
      const ref = newRef();
      await store.put(ref, secretOf('mine'));
      const others = [
        { ...ref, serverId: 'other' },
        { ...ref, workspaceId: 'other' },
        { ...ref, name: 'key' },
      ];
      for (const other of others) expect(await store.get(other)).toBeUndefined();
    });

    test.each([
      ['a slash', { name: 'A/B' }],
      ['dots', { serverId: '..' }],
      ['a star', { name: '*' }],
      ['the prefix of another tenant', { workspaceId: 'other/server' }],
      ['nothing', { name: '' }],
      ['10 kB', { name: 'A'.repeat(10_000) }],
    ])('a reference with %s is refused (B122)', async (_name, part) => {
      const ref = { ...newRef(), ...part };
      await expect(store.get(ref)).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(store.put(ref, secretOf('x'))).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('a value above the limit is refused, naming the limit (B123)', async () => {
      const ref = newRef();
      await expect(store.put(ref, secretOf('x'.repeat(SECRET_BYTES_MAX)))).rejects.toMatchObject({
        code: 'payload_too_large',
        message: 'A secret may take 65536 bytes together with its hosts',
      });
      await store.put(ref, secretOf('x'.repeat(SECRET_BYTES_MAX - 100)));
    });
  });
}

function newRef() {
  return { workspaceId: `ws_${randomUUID()}`, serverId: 'srv_1', name: 'KEY' };
}

function secretOf(value: string): Secret {
  return { value: new SecretValue(value), hosts: ['api.example.com'], version: 1 };
}
