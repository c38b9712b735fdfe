import { expect, test } from '@jest/globals';
import type { Json, Manifest, Plan } from '@toolplane/contracts';
import { startTestRedis } from '@toolplane/loopback/test-redis';
import { createSigner, digestOf, generateSigningKeys } from '@toolplane/sealing';
import { Redis } from 'ioredis';
import { createPublisher } from '../src/index.ts';
import { keys } from '../src/keys.ts';

const manifest: Manifest = {
  ...{ version: 1, kind: 'manifest', serverId: 'srv_1', slug: 'weather', workspaceId: 'w1', revision: 1 },
  ...{ state: 'running', isPublic: false, title: 'Weather', tools: [] },
};
const plan: Plan = {
  ...{ version: 1, workspaceId: 'w1', serverId: 'srv_1', tool: 'x', allowedHosts: [], deadlineMs: 1000 },
  ...{ outputBytesMax: 10, steps: [], outputs: [], analytics: [] },
};

test('a plan that no manifest names any more gets an end, and loses it when one names it again', async () => {
  await using server = await startTestRedis();
  await using resources = new AsyncDisposableStack();
  const redis = resources.adopt(new Redis(server.url, { disconnectTimeout: 100 }), (it) => it.disconnect());
  const { privateJwk } = await generateSigningKeys();
  const options = { redisUrl: server.url, signer: await createSigner(privateJwk) };
  const publisher = resources.adopt(await createPublisher(options), (it) => it.close());
  const serverId = 'srv_1';
  const [first, second] = [plan, { ...plan, deadlineMs: 1234 }];
  const publish = async (published: Plan, revision: number) => {
    const planDigest = digestOf(published as Json);
    await publisher.publishPlans([{ digest: planDigest, plan: published }]);
    const tool = {
      name: 'x',
      inputSchema: { type: 'object' },
      planDigest,
      deadlineMs: 1000,
      isRepeatable: false,
    } as const;
    await publisher.publishManifest({ ...manifest, serverId, revision, tools: [tool] });
    return planDigest;
  };
  async function* servers() {
    yield ['srv_unpublished', serverId];
  }
  const endsOf = (digests: string[]) => Promise.all(digests.map((digest) => redis.pttl(keys.plan(digest))));

  const digests = [await publish(first, 1), await publish(second, 2)];
  await publisher.sweepPlans(servers());
  const [ends, other] = await endsOf(digests);
  expect(ends).toBeGreaterThan(7 * 24 * 3_600_000);
  expect(other).toBe(-1);
  await publisher.sweepPlans(servers());
  expect((await endsOf(digests))[0]).toBeLessThanOrEqual(ends ?? 0);

  await publish(first, 3);
  expect(await endsOf(digests)).toEqual([-1, -1]);
  // As if it had been taken for unnamed while it was being published.
  await redis.pexpire(keys.plan(digests[0] ?? ''), 60_000);
  await redis.del(keys.plan(digests[1] ?? ''));
  await publisher.sweepPlans(servers());
  expect(await endsOf(digests)).toEqual([-1, -2]);
  expect(await redis.smembers(keys.plans)).toEqual([digests[0]]);
});
