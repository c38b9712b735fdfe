import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { SecretValue } from '@toolplane/service-kit';
import { batchReads } from './secret-batches.ts';
import { SECRET_BYTES_MAX, type Secret, type SecretStore } from './secret-store.ts';

/** Tests that apply to every store, for reading. `seed` puts a secret into the store. */
type Seeded = { store: SecretStore; seed: SecretStore['put'] };

/** Tests for stores to which the data plane writes. */
export function describeSecretStore(name: string, create: () => SecretStore | Promise<SecretStore>): void {
  describe(`secret store: ${name}`, () => {
    let store: SecretStore;
    beforeAll(async () => {
      store = await create();
    });
    describeReading(() => ({ store, seed: store.put }));

    test('returns which version it replaced, and until when that one may be used', async () => {
      const ref = newRef();
      await store.put(ref, { ...secretOf('new'), version: 3, previous: { version: 2, until: 1_790_000_000_000 } });
      expect(await store.get(ref)).toMatchObject({ previous: { version: 2, until: 1_790_000_000_000 } });
      await store.put(ref, { ...secretOf('alone'), version: 4 });
      expect(await store.get(ref)).not.toHaveProperty('previous');
    });

    test('an additional version can be deleted on its own', async () => {
      const ref = newRef();
      await store.put(ref, { ...secretOf('in use'), version: 2 });
      await store.put({ ...ref, version: 1 }, secretOf('kept'));
      await store.put({ ...ref, version: 12 }, secretOf('kept as well'));
      await store.delete({ ...ref, version: 1 });
      const found = await Promise.all(
        [ref, { ...ref, version: 1 }, { ...ref, version: 12 }].map((it) => store.get(it)),
      );
      expect(found.map((secret) => secret?.value.reveal())).toEqual(['in use', undefined, 'kept as well']);
    });

    test('a put replaces the stored value', async () => {
      const ref = newRef();
      await store.put(ref, secretOf('old'));
      await store.put(ref, { ...secretOf('new'), version: 2 });
      expect(await store.get(ref)).toMatchObject({ value: secretOf('new').value, version: 2 });
      expect((await store.get(ref))?.value.reveal()).toBe('new');
    });

    test('of several concurrent creations one succeeds', async () => {
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

    test('deleting a missing secret is not an error', async () => {
      await expect(store.delete(newRef())).resolves.toBeUndefined();
    });

    test('a value above the limit is refused, and the error names the limit (B123)', async () => {
      const ref = newRef();
      await expect(store.put(ref, secretOf('x'.repeat(SECRET_BYTES_MAX)))).rejects.toMatchObject({
        code: 'payload_too_large',
        message: 'A secret may take 65536 bytes together with its hosts',
      });
      await store.put(ref, secretOf('x'.repeat(SECRET_BYTES_MAX - 100)));
    });
  });
}

/** Tests for stores that another program fills. */
export function describeReadOnlySecretStore(name: string, create: () => Promise<Seeded>): void {
  describe(`secret store: ${name}`, () => {
    let seeded: Seeded;
    beforeAll(async () => {
      seeded = await create();
    });
    describeReading(() => seeded);

    test('writes nothing, and says why', async () => {
      const { store, seed } = seeded;
      const ref = newRef();
      await seed(ref, secretOf('mine'));
      const readOnly = { code: 'secret_store_read_only' };
      await expect(store.put(ref, secretOf('other'))).rejects.toMatchObject(readOnly);
      await expect(store.create(newRef(), secretOf('other'))).rejects.toMatchObject(readOnly);
      await expect(store.delete(ref)).rejects.toMatchObject(readOnly);
      expect((await store.get(ref))?.value.reveal()).toBe('mine');
    });
  });
}

function describeReading(create: () => Seeded): void {
  let store: SecretStore;
  let seed: Seeded['seed'];
  beforeAll(() => {
    ({ store, seed } = create());
  });

  test('returns what was put, including hosts and version', async () => {
    const ref = newRef();
    await seed(ref, secretOf('first "value"\né'));
    const found = await store.get(ref);
    expect(found?.value.reveal()).toBe('first "value"\né');
    expect(found).toMatchObject({ hosts: ['api.example.com'], version: 1 });
  });

  test('finds nothing under names that were never put', async () => {
    expect(await store.get(newRef())).toBeUndefined();
  });

  test('an additional version is a separate record', async () => {
    const ref = newRef();
    await seed(ref, { ...secretOf('in use'), version: 2 });
    await seed({ ...ref, version: 1 }, secretOf('kept'));
    const found = await Promise.all([ref, { ...ref, version: 1 }, { ...ref, version: 2 }].map((it) => store.get(it)));
    expect(found.map((secret) => secret?.value.reveal())).toEqual(['in use', 'kept', undefined]);
  });

  test('servers, workspaces and upper and lower case are kept apart', async () => {
    const ref = newRef();
    await seed(ref, secretOf('mine'));
    const others = [
      { ...ref, serverId: 'other' },
      { ...ref, workspaceId: 'other' },
      { ...ref, name: 'key' },
    ];
    for (const other of others) expect(await store.get(other)).toBeUndefined();
  });

  test('several secrets that are read at once each have their own result', async () => {
    const refs = Array.from({ length: 25 }, newRef);
    const present = refs.filter((_, index) => index % 3 > 0);
    await Promise.all(present.map((ref) => seed(ref, secretOf(ref.workspaceId))));
    const read = batchReads(store);
    const found = await Promise.all(refs.map(read));
    expect(found.map((secret) => secret?.value.reveal())).toEqual(
      refs.map((ref) => (present.includes(ref) ? ref.workspaceId : undefined)),
    );
  });

  test.each([
    ['a slash', { name: 'A/B' }],
    ['dots', { serverId: '..' }],
    ['a star', { name: '*' }],
    ['the prefix of another tenant', { workspaceId: 'other/server' }],
    ['an empty name', { name: '' }],
    ['a dot', { name: 'KEY.1' }],
    ['the version mark in its name', { name: 'KEY@1' }],
    ['an invalid version', { version: 0 }],
    ['a fractional version', { version: 1.5 }],
    ['10 kB', { name: 'A'.repeat(10_000) }],
  ])('a reference with %s is refused (B122)', async (_name, part) => {
    const ref = { ...newRef(), ...part };
    await expect(store.get(ref)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(store.put(ref, secretOf('x'))).rejects.toMatchObject({ code: 'invalid_request' });
  });
}

function newRef() {
  return { workspaceId: `ws_${randomUUID()}`, serverId: 'srv_1', name: 'KEY' };
}

function secretOf(value: string): Secret {
  return { value: new SecretValue(value), hosts: ['api.example.com'], version: 1 };
}
