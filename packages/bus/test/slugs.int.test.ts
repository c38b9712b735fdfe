import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type { Manifest } from '@toolplane/contracts';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { createSigner, createVerifier, generateSigningKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import { createPublisher, createSnapshot } from '../src/index.ts';
import { keys } from '../src/keys.ts';
import { until } from './until.ts';

/* Servers found by their slugs, which are pointers that nobody has signed. */

const signingKeys = await generateSigningKeys();
const signer = await createSigner(signingKeys.privateJwk);
const verifier = await createVerifier(signingKeys.publicJwks);

/** What is announced is read again; nothing else is, unless told otherwise. */
async function openPublication(refreshMs = 3_600_000) {
  const server = await startTestRedis();
  const redis = new Redis(server.url, { maxRetriesPerRequest: null, disconnectTimeout: 100 });
  redis.on('error', () => {});
  const publisher = await createPublisher({ redisUrl: server.url, signer });
  const snapshot = await createSnapshot({ redisUrl: server.url, verifier, refreshMs });
  await publisher.markComplete();
  return {
    ...{ server, redis, publisher, snapshot, bySlug: (slug: string) => snapshot.getManifestBySlug('w1', slug) },
    /** By now the reader has been told of it. */
    async publish(manifest: Manifest) {
      await publisher.publishManifest(manifest);
      await until(async () => (await snapshot.getManifest(manifest.serverId))?.revision === manifest.revision);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([publisher.close(), snapshot.close()]);
      redis.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}

const manifestOf = (changes: Partial<Manifest> = {}): Manifest => ({
  ...{ version: 1, kind: 'manifest', serverId: randomUUID(), slug: 'weather', workspaceId: 'w1', revision: 1 },
  ...{ state: 'running', isPublic: false, title: 'Weather', tools: [] },
  ...changes,
});

test('one that was found goes on without Redis, and what was never found is not known then', async () => {
  await using publication = await openPublication(1);
  const { snapshot, server, bySlug } = publication;
  const manifest = manifestOf();
  await publication.publish(manifest);
  await bySlug('weather');
  await server.kill();
  expect(await bySlug('weather')).toEqual(manifest);
  expect(snapshot.peekManifestBySlug('w2', 'weather')).toBeUndefined();
  await expect(bySlug('other')).rejects.toMatchObject({ code: 'config_unavailable' });
});

test('one that was found asks Redis for nothing', async () => {
  await using publication = await openPublication();
  const { redis, snapshot, bySlug } = publication;
  const manifest = manifestOf();
  await publication.publish(manifest);
  await bySlug('weather');
  await redis.del(keys.slug('w1', 'weather'), keys.manifest(manifest.serverId));
  expect(snapshot.peekManifestBySlug('w1', 'weather')).toEqual(manifest);
  expect(await bySlug('weather')).toEqual(manifest);
});

test.each([
  ['renamed', { slug: 'climate' }],
  ['deleted', { state: 'deleted' as const }],
  ['moved to another workspace', { workspaceId: 'w2' }],
])('a slug whose server was %s leads to it no more, and to the next one that has it', async (_how, change) => {
  await using publication = await openPublication();
  const { snapshot, bySlug } = publication;
  const [first, second] = [manifestOf(), manifestOf({ title: 'Next' })];
  await publication.publish(first);
  expect(await bySlug('weather')).toEqual(first);
  await publication.publish({ ...first, ...change, revision: 2 });
  expect(snapshot.peekManifestBySlug('w1', 'weather')).toBeUndefined();
  expect(await bySlug('weather')).toBeUndefined();
  await publication.publish(second);
  expect(await bySlug('weather')).toEqual(second);
});

test('a pointer that somebody has written leads to no server that does not say so itself', async () => {
  await using publication = await openPublication();
  const { redis, snapshot, bySlug } = publication;
  const [mine, theirs] = [manifestOf({ slug: 'mine' }), manifestOf({ workspaceId: 'w2' })];
  for (const manifest of [mine, theirs]) await publication.publish(manifest);
  for (const { serverId } of [mine, theirs]) {
    await redis.set(keys.slug('w1', 'weather'), serverId);
    expect(await bySlug('weather')).toBeUndefined();
    expect(snapshot.peekManifestBySlug('w1', 'weather')).toBeUndefined();
  }
  const published = manifestOf();
  await publication.publish(published);
  expect(await bySlug('weather')).toEqual(published);
  // Once it is known, what else is written there is not even looked at.
  await redis.set(keys.slug('w1', 'weather'), theirs.serverId);
  expect(await bySlug('weather')).toEqual(published);
});
