import { expect, test } from '@jest/globals';
import type { Manifest } from '@toolplane/contracts';
import { keys } from '../src/keys.ts';
import { manifestOf, openPublication } from './open-publication.ts';
import { until } from './until.ts';

/* Servers are found by their slugs, which are unsigned pointers. */

/** Announced documents are read again; nothing else is, unless stated otherwise. */
async function openSlugs(refreshMs = 3_600_000) {
  const publication = await openPublication({ refreshMs });
  const { publisher, snapshot } = publication;
  await publisher.markComplete();
  return {
    ...publication,
    bySlug: (slug: string) => snapshot.getManifestBySlug('w1', slug),
    /** Resolves when the reader has received the change. */
    async publish(manifest: Manifest) {
      await publisher.publishManifest(manifest);
      await until(async () => (await snapshot.getManifest(manifest.serverId))?.revision === manifest.revision);
    },
  };
}

test('a slug that was found still works without Redis, and one that was never found is then unknown', async () => {
  await using publication = await openSlugs(1);
  const { snapshot, server, bySlug } = publication;
  const manifest = manifestOf();
  await publication.publish(manifest);
  await bySlug('weather');
  await server.kill();
  expect(await bySlug('weather')).toEqual(manifest);
  expect(snapshot.peekManifestBySlug('w2', 'weather')).toBeUndefined();
  await expect(bySlug('other')).rejects.toMatchObject({ code: 'config_unavailable' });
});

test('a slug that was found asks nothing of Redis', async () => {
  await using publication = await openSlugs();
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
])('a slug whose server was %s no longer leads to it, but to the next server that has it', async (_how, change) => {
  await using publication = await openSlugs();
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

test('a pointer that somebody else wrote leads only to a server that itself has that slug', async () => {
  await using publication = await openSlugs();
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
  // Once the slug is known, nothing else that is written to its key is read.
  await redis.set(keys.slug('w1', 'weather'), theirs.serverId);
  expect(await bySlug('weather')).toEqual(published);
});
