import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AppError, type CredentialRef, type SecretRef } from '@toolplane/contracts';
import { toSecretRef } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { createProcessLocks } from '../../test/process-locks.ts';
import { parseCredential } from './credential.ts';
import { type CredentialRecord, createCredentialRecords } from './credential-records.ts';

const ref: CredentialRef = { ownerId: 'ws', instanceId: 'coi', scope: 'user', subject: 'ada@example.com' };
const recordOf = (token: string): Omit<CredentialRecord, 'version'> => ({
  credential: { authentication: 'oauth', fields: new Map([['token', new SecretValue(token)]]) },
  hosts: ['api.example.com'],
});
const tokenOf = (record: Pick<CredentialRecord, 'credential'> | undefined) =>
  record?.credential.fields.get('token')?.reveal();

const store = createMemoryStore();
const locks = createProcessLocks();
const away = () => Promise.reject(new AppError('secret_unavailable', 'Away'));

/** Starts one data plane; all of them share the store and its locks. */
function startDataPlane() {
  const later: (() => void)[] = [];
  const announced: SecretRef[] = [];
  const records = createCredentialRecords({
    store,
    locks,
    runLater: (work) => void later.push(work),
    announceChange: async (changed) => void announced.push(changed),
  });
  return { records, later, announced };
}

async function inStore(): Promise<string | undefined> {
  const secret = await store.get(toSecretRef(ref));
  return secret === undefined ? undefined : tokenOf({ credential: parseCredential(secret) });
}

beforeEach(async () => {
  jest.restoreAllMocks();
  await startDataPlane().records.change(ref, async () => recordOf('first'));
});

test('a change that the store does not accept is not made, and its caller learns it', async () => {
  const { records, later } = startDataPlane();
  jest.spyOn(store, 'put').mockImplementation(away);
  await expect(records.change(ref, async () => recordOf('second'))).rejects.toThrow('Away');
  expect([tokenOf(await records.read(ref)), later]).toEqual(['first', []]);
});

describe('a renewal that the store does not accept', () => {
  async function renewInVain() {
    const plane = startDataPlane();
    const put = jest.spyOn(store, 'put').mockImplementation(away);
    expect(tokenOf(await plane.records.renew(ref, async () => recordOf('second')))).toBe('second');
    expect(await inStore()).toBe('first');
    return { ...plane, put };
  }

  /** Runs the postponed work twice: it fails once and then succeeds. */
  async function runLater({ later, announced }: ReturnType<typeof startDataPlane>, put: { mockRestore(): void }) {
    later.shift()?.();
    while (later.length === 0) await new Promise(setImmediate);
    put.mockRestore();
    later.shift()?.();
    while (announced.length === 0) await new Promise(setImmediate);
  }

  test('is known to this data plane, even if the store does not answer', async () => {
    const { records } = await renewInVain();
    expect(tokenOf(await records.read(ref))).toBe('second');
    jest.spyOn(store, 'get').mockImplementation(away);
    expect(tokenOf(await records.read(ref))).toBe('second');
  });

  test('is written as soon as the store accepts it, and all data planes are notified', async () => {
    const { put, ...plane } = await renewInVain();
    await runLater(plane, put);
    expect(await inStore()).toBe('second');
    expect([plane.announced, plane.later]).toEqual([[toSecretRef(ref)], []]);
    expect(tokenOf(await startDataPlane().records.read(ref))).toBe('second');
  });

  test('is the basis of the next renewal, and only the last one is written', async () => {
    const { put, records, ...plane } = await renewInVain();
    const seen: unknown[] = [];
    await records.renew(ref, async (known) => {
      seen.push(tokenOf(known));
      return recordOf('third');
    });
    expect([seen, plane.later.length]).toEqual([['second'], 1]);
    await runLater({ records, ...plane }, put);
    expect(await inStore()).toBe('third');
  });

  test('gives way to what another data plane has written meanwhile', async () => {
    const { put, records, later } = await renewInVain();
    put.mockRestore();
    await startDataPlane().records.change(ref, async () => recordOf('newer'));
    later.shift()?.();
    expect(tokenOf(await records.renew(ref, async (known) => known ?? recordOf('none')))).toBe('newer');
    expect([await inStore(), later]).toEqual(['newer', []]);
  });

  test('does not come back when the record was removed meanwhile', async () => {
    const { put, records, later } = await renewInVain();
    put.mockRestore();
    await records.remove(ref);
    later.shift()?.();
    expect(await records.read(ref)).toBeUndefined();
    expect(await inStore()).toBeUndefined();
  });

  test('gives way to a newly created record with the same version', async () => {
    const { put, records, later } = await renewInVain();
    put.mockRestore();
    const other = startDataPlane().records;
    await other.remove(ref);
    expect(await other.change(ref, async () => recordOf('of another account'))).toMatchObject({ version: 1 });
    later.shift()?.();
    expect(tokenOf(await records.renew(ref, async (known) => known ?? recordOf('none')))).toBe('of another account');
    expect(await inStore()).toBe('of another account');
  });
});
