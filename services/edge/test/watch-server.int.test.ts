import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectBus, createPublisher, createSnapshot, type Publisher, type Snapshot } from '@toolplane/bus';
import { createSigner, createVerifier, generateSigningKeys } from '@toolplane/sealing';
import { toPrincipal } from '../src/callers/authenticate.ts';
import { toHostedServer } from '../src/manifests/hosted-server.ts';
import { createServerWatch } from '../src/policies/watch-server.ts';
import { keyRecordOf, manifestOf } from './published.ts';

/* The basis of the edge's streams. Announced changes are tested with the streams. */

const resources = new AsyncDisposableStack();
let publisher: Publisher;
let snapshot: Snapshot;
const id = randomBytes(6).toString('hex');
const manifest = manifestOf({ serverId: `srv_${id}`, slug: `s-${id}`, workspaceId: `ws_${id}` });
const record = keyRecordOf({ keyId: id, workspaceId: manifest.workspaceId });

beforeAll(async () => {
  const redisUrl = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  const bus = resources.use(connectBus({ redisUrl }));
  const { privateJwk, publicJwks } = await generateSigningKeys();
  publisher = await createPublisher({ bus, signer: await createSigner(privateJwk) });
  snapshot = await createSnapshot({ bus, verifier: await createVerifier(publicJwks) });
  await publisher.publishManifest(manifest);
  await publisher.markComplete();
});
afterAll(() => resources.disposeAsync());

test('ends when a key expires, although nothing announces it', async () => {
  const expiring = { ...record, expiresAt: Date.now() + 100 };
  await publisher.publishApiKey(expiring);
  const principal = toPrincipal(expiring, '127.0.0.1');
  if (principal === undefined) throw new Error('the key has expired before its test began');
  const stopping = new AbortController();
  const watchServer = createServerWatch(snapshot, stopping.signal, 20);
  await new Promise<void>((resolve) => {
    watchServer({ server: toHostedServer(manifest), principal, onEnd: resolve });
  });
  expect(Date.now()).toBeGreaterThanOrEqual(expiring.expiresAt);
  stopping.abort();
});

test('tells a new listener what has changed since its server was looked up', async () => {
  await publisher.publishApiKey({ ...record, revision: 2 });
  const prompts = [{ name: 'greet', arguments: [], planDigest: 'd1', deadlineMs: 5000 }];
  await publisher.publishManifest({ ...manifest, prompts, revision: 2 });
  const stopping = new AbortController();
  const watchServer = createServerWatch(snapshot, stopping.signal);
  const principal = { kind: 'api-key', keyId: id, workspaceId: record.workspaceId, permissions: [] } as const;
  const lists = await new Promise((resolve) => {
    const onEnd = () => resolve('ended');
    watchServer({ server: toHostedServer(manifest), principal, onChange: (change) => resolve(change.lists), onEnd });
  });
  expect(lists).toEqual(new Set(['prompts']));
  stopping.abort();
});
