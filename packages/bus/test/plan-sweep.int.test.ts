import { expect, test } from '@jest/globals';
import type { Json, Plan } from '@toolplane/contracts';
import { digestOf } from '@toolplane/sealing';
import { keys } from '../src/keys.ts';
import { manifestOf, openPublication } from './open-publication.ts';

const plan: Plan = {
  version: 1,
  workspaceId: 'w1',
  serverId: 'srv_1',
  tool: 'x',
  allowedHosts: [],
  deadlineMs: 1000,
  outputBytesMax: 10,
  steps: [],
  outputs: [],
  analytics: [],
};

test('a plan that no manifest names any more gets an expiry, and loses it when a manifest names it again', async () => {
  await using publication = await openPublication();
  const { publisher, redis } = publication;
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
    await publisher.publishManifest(manifestOf({ serverId, revision, tools: [tool] }));
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
  // As if it had been considered unnamed while it was being published.
  await redis.pexpire(keys.plan(digests[0] ?? ''), 60_000);
  await redis.del(keys.plan(digests[1] ?? ''));
  await publisher.sweepPlans(servers());
  expect(await endsOf(digests)).toEqual([-1, -2]);
  expect(await redis.smembers(keys.plans)).toEqual([digests[0]]);
});
