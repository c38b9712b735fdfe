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

const toolOf = (planDigest: string) => ({
  name: 'x',
  inputSchema: { type: 'object' },
  planDigest,
  deadlineMs: 1000,
  isRepeatable: false,
});

test('a plan that no manifest names any more gets an expiry, and loses it when a manifest names it again', async () => {
  await using publication = await openPublication();
  const { publisher, redis } = publication;
  const serverId = 'srv_1';
  const [first, second] = [plan, { ...plan, deadlineMs: 1234 }];
  const publish = async (published: Plan, revision: number) => {
    const planDigest = digestOf(published as Json);
    await publisher.publishPlans([{ digest: planDigest, plan: published }]);
    await publisher.publishManifest(manifestOf({ serverId, revision, tools: [toolOf(planDigest)] }));
    return planDigest;
  };
  async function* servers() {
    yield ['srv_unpublished', serverId];
  }
  async function* workspaces() {
    yield ['w1'];
  }
  const endsOf = (digests: string[]) => Promise.all(digests.map((digest) => redis.pttl(keys.plan(digest))));

  const digests = [await publish(first, 1), await publish(second, 2)];
  await publisher.sweepPlans(servers(), workspaces());
  const [ends, other] = await endsOf(digests);
  expect(ends).toBeGreaterThan(7 * 24 * 3_600_000);
  expect(other).toBe(-1);
  await publisher.sweepPlans(servers(), workspaces());
  expect((await endsOf(digests))[0]).toBeLessThanOrEqual(ends ?? 0);

  await publish(first, 3);
  expect(await endsOf(digests)).toEqual([-1, -1]);
  // The same state as if it had been considered unnamed while it was being published.
  await redis.pexpire(keys.plan(digests[0] ?? ''), 60_000);
  await redis.del(keys.plan(digests[1] ?? ''));
  await publisher.sweepPlans(servers(), workspaces());
  expect(await endsOf(digests)).toEqual([-1, -2]);
  expect(await redis.smembers(keys.plans)).toEqual([digests[0]]);
});

test('a plan of a server that is lent to a workspace stays as long as the catalogue of the workspace names it', async () => {
  await using publication = await openPublication();
  const { publisher, redis } = publication;
  async function* none() {}
  async function* workspaces() {
    yield ['w2', 'w1'];
  }
  const planDigest = digestOf(plan as Json);
  const lent = [manifestOf({ serverId: 'srv_1', workspaceId: 'w1', tools: [toolOf(planDigest)] })];
  await publisher.publishPlans([{ digest: planDigest, plan }]);
  const catalogue = { version: 1 as const, kind: 'catalogue' as const, workspaceId: 'w1', toolkits: [] };
  await publisher.publishCatalogue({ ...catalogue, revision: 1, lent });
  await publisher.sweepPlans(none(), workspaces());
  expect(await redis.pttl(keys.plan(planDigest))).toBe(-1);
  await publisher.publishCatalogue({ ...catalogue, revision: 2 });
  await publisher.sweepPlans(none(), workspaces());
  expect(await redis.pttl(keys.plan(planDigest))).toBeGreaterThan(7 * 24 * 3_600_000);
});
