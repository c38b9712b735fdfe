import { randomUUID } from 'node:crypto';
import type { Manifest } from '@toolplane/contracts';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { createSigner, createVerifier, generateSigningKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import { connectBus, createPublisher, createSnapshot, type SnapshotOptions } from '../src/index.ts';

const signingKeys = await generateSigningKeys();
export const signer = await createSigner(signingKeys.privateJwk);
export const verifier = await createVerifier(signingKeys.publicJwks);

/** A separate Redis with a publisher and a reader, because publication covers everything in a Redis. */
export async function openPublication(options: Partial<SnapshotOptions> = {}) {
  const server = await startTestRedis();
  const redis = new Redis(server.url, { maxRetriesPerRequest: null, disconnectTimeout: 100 });
  redis.on('error', () => {});
  const [writing, reading] = [connectBus({ redisUrl: server.url }), connectBus({ redisUrl: server.url })];
  const publisher = await createPublisher({ bus: writing, signer });
  const snapshot = await createSnapshot({ bus: reading, verifier, ...options });
  return {
    server,
    redis,
    publisher,
    snapshot,
    async [Symbol.asyncDispose]() {
      await Promise.all([writing, reading].map((bus) => bus[Symbol.asyncDispose]()));
      redis.disconnect();
      await server[Symbol.asyncDispose]();
    },
  };
}

export const manifestOf = (changes: Partial<Manifest> = {}): Manifest => ({
  version: 1,
  kind: 'manifest',
  serverId: randomUUID(),
  slug: 'weather',
  workspaceId: 'w1',
  revision: 1,
  state: 'running',
  isPublic: false,
  title: 'Weather',
  tools: [],
  ...changes,
});
