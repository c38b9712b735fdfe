import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { expect, test } from '@jest/globals';
import { type ApiKeyRecord, apiKeyBytes, formatApiKey } from '@toolplane/contracts';
import { hashApiKey } from '@toolplane/sealing';
import { SecretValue } from '@toolplane/service-kit';
import { authenticate } from './authenticate.ts';

const pepper = 'a pepper of tests';

function makeKey(keyId = randomBytes(apiKeyBytes.keyId)) {
  return { bytes: keyId, ...formatApiKey({ keyId, secret: randomBytes(apiKeyBytes.secret) }) };
}

function publish({ key, keyId }: { key: string; keyId: string }, given: Partial<ApiKeyRecord> = {}): ApiKeyRecord {
  const known = { kind: 'api-key', keyId, workspaceId: 'ws_1', permissions: ['tools:call'] } as const;
  return { ...known, hash: hashApiKey(pepper, key), state: 'active', revision: 1, ...given } as ApiKeyRecord;
}

/** Creates an edge that, like the snapshot, has in memory what was looked up before. */
function createEdge(record: () => ApiKeyRecord) {
  let isRead = false;
  const read = async () => {
    isRead = true;
    return record();
  };
  return {
    snapshot: { peekApiKey: () => (isRead ? record() : undefined), hasApiKey: () => isRead, getApiKey: read },
    pepper: new SecretValue(pepper),
    addressOf: ({ socket }: { socket: { remoteAddress?: string } }) => socket.remoteAddress ?? '',
    authenticateToken: () => Promise.reject(new Error('this is no token')),
  } as unknown as Parameters<typeof authenticate>[1];
}

const ask = (edge: ReturnType<typeof createEdge>, key: string, remoteAddress = '192.0.2.1') => {
  const request = { headers: { 'x-api-key': key }, socket: { remoteAddress } } as unknown as IncomingMessage;
  return authenticate(request, edge, 'srv_1', async () => undefined);
};

const refused = expect.objectContaining({ code: 'unauthenticated' });

test('a key that was verified once is accepted without a new check, from any address', async () => {
  const key = makeKey();
  const record = publish(key);
  const edge = createEdge(() => record);
  const expected = { kind: 'api-key', keyId: key.keyId, workspaceId: 'ws_1', permissions: ['tools:call'] };
  expect(await ask(edge, key.key)).toEqual({ ...expected, address: '192.0.2.1' });
  expect(ask(edge, key.key, '192.0.2.2')).toEqual({ ...expected, address: '192.0.2.2' });
});

test('another secret with the id of a verified key is refused, and the verified key is still accepted', async () => {
  const key = makeKey();
  const record = publish(key);
  const edge = createEdge(() => record);
  await ask(edge, key.key);
  const wrong = makeKey(key.bytes).key;
  await expect(ask(edge, wrong)).rejects.toEqual(refused);
  // A valid key with an appended character, a truncated key, and a key with a mistyped checksum.
  for (const text of [`${key.key}x`, key.key.slice(0, -1), `${key.key.slice(0, -1)}!`]) {
    expect(() => ask(edge, text)).toThrow(refused);
  }
  expect(ask(edge, key.key)).toMatchObject({ keyId: key.keyId });
});

test('a newly published record counts at once: revoked, expired, with other addresses, with another hash', async () => {
  const key = makeKey();
  let record = publish(key);
  const edge = createEdge(() => record);
  await ask(edge, key.key);
  for (const changed of [{ state: 'revoked' }, { expiresAt: 1 }, { addresses: ['198.51.100.0/24'] }] as const) {
    record = publish(key, changed as Partial<ApiKeyRecord>);
    await expect(ask(edge, key.key)).rejects.toEqual(refused);
    await expect(async () => ask(edge, key.key)).rejects.toEqual(refused);
  }
  record = publish(makeKey(key.bytes), { keyId: key.keyId });
  await expect(ask(edge, key.key)).rejects.toEqual(refused);
  record = publish(key, { permissions: [] });
  expect(await ask(edge, key.key)).toMatchObject({ permissions: [] });
});

test('a key that expires while it is in memory is refused from then on', async () => {
  const key = makeKey();
  const record = publish(key, { expiresAt: Date.now() + 60_000 });
  const edge = createEdge(() => record);
  await ask(edge, key.key);
  record.expiresAt = Date.now();
  expect(() => ask(edge, key.key)).toThrow(refused);
});
