import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import type {
  ApiKeyRecord,
  ApprovalDecision,
  Catalogue,
  EgressRules,
  ExternalUserRecord,
  Json,
  Manifest,
  Plan,
  UserRules,
} from '@toolplane/contracts';
import { createSigner, digestOf, generateSigningKeys } from '@toolplane/sealing';
import { connectBus, createSnapshot } from '../src/index.ts';
import { channels, keys } from '../src/keys.ts';
import { manifestOf, openPublication, signer, verifier } from './open-publication.ts';
import { until } from './until.ts';

const apiKeyOf = (changes: Partial<ApiKeyRecord> = {}): ApiKeyRecord => ({
  version: 1,
  kind: 'api-key',
  keyId: randomUUID(),
  organizationId: 'o1',
  workspaceId: 'w1',
  revision: 1,
  hash: 'ab',
  state: 'active',
  permissions: ['tools:call'],
  ...changes,
});

const egressRulesOf = (changes: Partial<EgressRules> = {}): EgressRules => ({
  version: 1,
  kind: 'egress',
  workspaceId: randomUUID(),
  revision: 1,
  denyHosts: [],
  ...changes,
});

const catalogueOf = (changes: Partial<Catalogue> = {}): Catalogue => ({
  version: 1,
  kind: 'catalogue',
  workspaceId: randomUUID(),
  revision: 1,
  toolkits: [{ serverId: 's1', toolkit: 'weather', name: 'Weather', synonyms: ['forecast'] }],
  ...changes,
});

const plan: Plan = {
  version: 1,
  workspaceId: 'w1',
  serverId: 's1',
  tool: 't',
  allowedHosts: [],
  deadlineMs: 1000,
  outputBytesMax: 10,
  steps: [
    {
      id: 'one',
      request: { method: 'GET', url: { kind: 'parts', parts: ['https://a.b/'] }, headers: [], query: [] },
      secrets: [],
      outputs: [],
      actions: [],
    },
  ],
  outputs: [],
  analytics: [],
};

const sign = (manifest: Manifest, by = signer) => by.sign(manifest as Json);

/** Writes like an attacker and announces the change: anybody who can write can also do that. */
function attackerOf({ snapshot, redis }: Awaited<ReturnType<typeof openPublication>>, change: string) {
  const changes: (() => void)[] = [];
  snapshot.onChange(() => changes.shift()?.());
  return async (write: () => Promise<unknown>): Promise<void> => {
    await write();
    const received = new Promise<void>((resolve) => changes.push(resolve));
    await redis.publish(channels.changes, change);
    await received;
  };
}

const unavailable = { code: 'config_unavailable' };

test('what was published can be read by id and by slug', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot } = publication;
  const [manifest, apiKey, digest] = [manifestOf(), apiKeyOf(), digestOf(JSON.parse(JSON.stringify(plan)))];
  await publisher.publishPlans([{ digest, plan }]);
  await publisher.publishManifest(manifest);
  await publisher.publishApiKey(apiKey);
  const catalogue = catalogueOf();
  await publisher.publishCatalogue(catalogue);
  expect(await snapshot.getCatalogue(catalogue.workspaceId)).toEqual(catalogue);
  expect(await snapshot.getManifest(manifest.serverId)).toEqual(manifest);
  expect(await snapshot.getManifestBySlug('w1', 'weather')).toEqual(manifest);
  expect(snapshot.peekManifestBySlug('w1', 'weather')).toEqual(manifest);
  expect(await snapshot.getApiKey(apiKey.keyId)).toEqual(apiKey);
  expect(await snapshot.getPlan(digest)).toEqual(plan);
  expect(snapshot.peekManifest(manifest.serverId)).toEqual(manifest);
});

test('a missing document is unknown before a full publication, and does not exist after it', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot } = publication;
  const reads = [
    () => snapshot.getManifest('none'),
    () => snapshot.getApiKey('none'),
    () => snapshot.getPlan('none'),
    () => snapshot.getCatalogue('none'),
    () => snapshot.getIssuer(),
    () => snapshot.getManifestBySlug('w1', 'none'),
  ];
  for (const read of reads) await expect(read()).rejects.toMatchObject(unavailable);
  await publisher.markComplete();
  for (const read of reads) expect(await read()).toBeUndefined();
});

test('a revoked key is seen at once by a reader that holds it', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot } = publication;
  const apiKey = apiKeyOf();
  await publisher.publishApiKey(apiKey);
  await until(async () => (await snapshot.getApiKey(apiKey.keyId))?.state === 'active');
  await publisher.publishApiKey({ ...apiKey, revision: 2, state: 'revoked' });
  await until(() => snapshot.peekApiKey(apiKey.keyId) === undefined);
  expect(await snapshot.getApiKey(apiKey.keyId)).toMatchObject({ state: 'revoked' });
});

test('a change that was announced while the reader was disconnected is found after it reconnects', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot, redis } = publication;
  const manifest = manifestOf();
  await publisher.publishManifest(manifest);
  await snapshot.getManifest(manifest.serverId);
  await redis.set(keys.manifest(manifest.serverId), await sign({ ...manifest, revision: 2, title: 'New' }));
  await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await until(() => snapshot.peekManifest(manifest.serverId) === undefined);
  expect(await snapshot.getManifest(manifest.serverId)).toMatchObject({ title: 'New' });
});

test('a reader keeps what it holds if Redis is wiped or lost; the publisher sees that it must republish', async () => {
  await using publication = await openPublication({ refreshMs: 1 });
  const { publisher, snapshot, server } = publication;
  const manifest = manifestOf();
  await publisher.publishManifest(manifest);
  await publisher.markComplete();
  expect(await publisher.isComplete()).toBe(true);
  await snapshot.getManifest(manifest.serverId);
  await server.kill();
  expect(await snapshot.getManifest(manifest.serverId)).toEqual(manifest);
  await expect(snapshot.getManifest('other')).rejects.toMatchObject(unavailable);
  await server.start();
  await until(() =>
    publisher.isComplete().then(
      (isComplete) => !isComplete,
      () => false,
    ),
  );
  expect(await snapshot.getManifest(manifest.serverId)).toEqual(manifest);
  await expect(snapshot.getManifest('other')).rejects.toMatchObject(unavailable);
  await publisher.publishManifest({ ...manifest, revision: 2 });
  await until(async () => (await snapshot.getManifest(manifest.serverId))?.revision === 2);
});

test('whoever writes to Redis without the key cannot replace a document', async () => {
  await using publication = await openPublication({ refreshMs: 1 });
  const { publisher, snapshot, redis } = publication;
  const stranger = await createSigner((await generateSigningKeys()).privateJwk);
  const [mine, other] = [manifestOf(), manifestOf({ slug: 'other' })];
  const forged = { ...mine, isPublic: true, revision: 9 };
  const digest = digestOf(JSON.parse(JSON.stringify(plan)));
  await publisher.publishPlans([{ digest, plan }]);
  await publisher.publishManifest({ ...mine, revision: 5 });
  await publisher.publishManifest(other);
  const older = await sign(mine);
  const ofAnother = (await redis.get(keys.manifest(other.serverId))) ?? '';
  for (const text of [await sign(forged, stranger), older, ofAnother, 'nonsense']) {
    await using bus = connectBus({ redisUrl: publication.server.url });
    const fresh = await createSnapshot({ bus, verifier });
    await snapshot.getManifest(mine.serverId);
    await redis.set(keys.manifest(mine.serverId), text);
    expect(await snapshot.getManifest(mine.serverId)).toMatchObject({ revision: 5, isPublic: false });
    // A reader that knows nothing yet accepts an older document, which was valid once, but no forged one.
    if (text !== older) await expect(fresh.getManifest(mine.serverId)).rejects.toMatchObject(unavailable);
  }
  await redis.set(keys.plan('another-digest'), (await redis.get(keys.plan(digest))) ?? '');
  await expect(snapshot.getPlan('another-digest')).rejects.toMatchObject(unavailable);
});

test('a revoked key is brought back neither by its earlier record nor by a deletion (T33)', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot, redis } = publication;
  const apiKey = apiKeyOf();
  const key = keys.apiKey(apiKey.keyId);
  await publisher.publishApiKey(apiKey);
  const earlier = (await redis.get(key)) ?? '';
  await publisher.publishApiKey({ ...apiKey, revision: 2, state: 'revoked' });
  expect(await snapshot.getApiKey(apiKey.keyId)).toMatchObject({ state: 'revoked' });
  for (const bringBack of [() => redis.set(key, earlier), () => redis.del(key), () => redis.set(key, earlier)]) {
    await attackerOf(publication, `api-key ${apiKey.keyId}`)(bringBack);
    expect((await snapshot.getApiKey(apiKey.keyId).catch(() => undefined))?.state).not.toBe('active');
  }
});

test('a change of a catalogue is seen at once', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot } = publication;
  const catalogue = catalogueOf();
  const { workspaceId } = catalogue;
  await publisher.publishCatalogue(catalogue);
  await until(async () => {
    await snapshot.getCatalogue(workspaceId);
    return snapshot.peekCatalogue(workspaceId) !== undefined;
  });
  await publisher.publishCatalogue({ ...catalogue, revision: 2, toolkits: [] });
  await until(() => snapshot.peekCatalogue(workspaceId) === undefined);
  expect(await snapshot.getCatalogue(workspaceId)).toMatchObject({ toolkits: [] });
});

test('a catalogue that is forged, older or of another workspace adds nothing to what is offered (T33)', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot, redis } = publication;
  const stranger = await createSigner((await generateSigningKeys()).privateJwk);
  const catalogue = catalogueOf({ revision: 5 });
  const { workspaceId } = catalogue;
  await publisher.publishCatalogue(catalogue);
  expect(await snapshot.getCatalogue(workspaceId)).toEqual(catalogue);
  const wider = { ...catalogue, revision: 9, toolkits: [{ serverId: 's2', toolkit: 'bank', name: 'Bank' }] };
  const forged = [
    await stranger.sign(wider as Json),
    await signer.sign({ ...wider, revision: 4 } as Json),
    await signer.sign({ ...wider, workspaceId: 'another' } as Json),
    await sign(manifestOf({ workspaceId, revision: 9 })),
  ];
  const attack = attackerOf(publication, `catalogue ${workspaceId}`);
  for (const text of forged) {
    await attack(() => redis.set(keys.catalogue(workspaceId), text));
    expect(await snapshot.getCatalogue(workspaceId)).toEqual(catalogue);
  }
});

test('egress rules are read once, and a change of them is seen at once', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot } = publication;
  const rules = egressRulesOf({ allowHosts: ['a.example'] });
  const { workspaceId } = rules;
  await publisher.publishEgressRules(rules);
  await until(() => !(snapshot.getEgressRules(workspaceId) instanceof Promise));
  expect(snapshot.getEgressRules(workspaceId)).toEqual(rules);
  await publisher.publishEgressRules({ ...rules, revision: 2, denyHosts: ['a.example'] });
  await until(() => snapshot.getEgressRules(workspaceId) instanceof Promise);
  expect(await snapshot.getEgressRules(workspaceId)).toMatchObject({ denyHosts: ['a.example'] });
});

test('egress rules that are deleted, forged, older or of another workspace open nothing (T33)', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot, redis } = publication;
  const stranger = await createSigner((await generateSigningKeys()).privateJwk);
  const rules = egressRulesOf({ denyHosts: ['bad.example'], revision: 5 });
  const { workspaceId } = rules;
  const key = keys.egressRules(workspaceId);
  const read = async () => snapshot.getEgressRules(workspaceId);
  const attack = attackerOf(publication, `egress ${workspaceId}`);
  await publisher.publishEgressRules(rules);
  await publisher.markComplete();
  await until(() => snapshot.isReady());
  expect(await read()).toEqual(rules);
  const open = { version: 1, kind: 'egress', workspaceId, denyHosts: [], revision: 9 };
  const forged = [
    await stranger.sign(open),
    await signer.sign({ ...open, revision: 4 }),
    await signer.sign({ ...open, workspaceId: 'another' }),
    await sign(manifestOf({ workspaceId, revision: 9 })),
  ];
  for (const text of forged) {
    await attack(() => redis.set(key, text));
    expect(await read()).toEqual(rules);
  }
  await attack(() => redis.del(key));
  await expect(read()).rejects.toMatchObject(unavailable);
  await redis.set(key, await signer.sign({ ...open, revision: 4 }));
  await expect(read()).rejects.toMatchObject(unavailable);
});

test('rules for users, and users, that are deleted, forged, older or of another workspace let nobody in (T33)', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot, redis } = publication;
  const stranger = await createSigner((await generateSigningKeys()).privateJwk);
  const workspaceId = randomUUID();
  const [userDigest, otherDigest] = ['a'.repeat(32), 'b'.repeat(32)];
  const rules: UserRules = {
    version: 1,
    kind: 'users',
    workspaceId,
    revision: 5,
    unknownUsers: 'refuse',
    deactivated: [],
  };
  const user: ExternalUserRecord = {
    version: 1,
    kind: 'external-user',
    workspaceId,
    userDigest,
    revision: 5,
    state: 'deactivated',
  };
  const changes: (() => void)[] = [];
  snapshot.onChange(() => changes.shift()?.());
  async function attack(write: () => Promise<unknown>, change: string): Promise<void> {
    await write();
    const received = new Promise<void>((resolve) => changes.push(resolve));
    await redis.publish(channels.changes, change);
    await received;
  }
  const readRules = async () => snapshot.getUserRules(workspaceId);
  const readUser = async (digest = userDigest) => snapshot.getExternalUser(workspaceId, digest);
  await publisher.publishUserRules(rules);
  await publisher.publishExternalUser(user);
  await publisher.markComplete();
  await until(() => snapshot.isReady());
  expect([await readRules(), await readUser(), await readUser(otherDigest)]).toEqual([rules, user, undefined]);

  const open = { ...rules, unknownUsers: 'create', revision: 9 } as const;
  const rulesKey = keys.userRules(workspaceId);
  for (const text of [
    await stranger.sign(open),
    await signer.sign({ ...open, revision: 4 }),
    await signer.sign({ ...open, workspaceId: 'another' }),
  ]) {
    await attack(() => redis.set(rulesKey, text), `users ${workspaceId}`);
    expect(await readRules()).toEqual(rules);
  }
  await attack(() => redis.del(rulesKey), `users ${workspaceId}`);
  await expect(readRules()).rejects.toMatchObject(unavailable);

  const active = { ...user, state: 'active', revision: 9 } as const;
  const userKey = keys.externalUser(workspaceId, userDigest);
  for (const text of [
    await stranger.sign(active),
    await signer.sign({ ...active, revision: 4 }),
    await signer.sign({ ...active, userDigest: otherDigest }),
    await signer.sign({ ...active, workspaceId: 'another' }),
  ]) {
    await attack(() => redis.set(userKey, text), `user ${workspaceId}:${userDigest}`);
    expect(await readUser()).toEqual(user);
  }
  await attack(() => redis.del(userKey), `user ${workspaceId}:${userDigest}`);
  expect(await readUser()).toBeUndefined();
});

const approvalOf = (changes: Partial<ApprovalDecision> = {}): ApprovalDecision => ({
  version: 1,
  kind: 'approval',
  workspaceId: 'w1',
  requestDigest: 'd'.repeat(43),
  approvalId: 'apr_1',
  revision: 1,
  state: 'approved',
  validUntil: Date.now() + 60_000,
  ...changes,
});

test('the decision about a call is read as soon as it is announced, and stays in Redis until it ends; its end replaces it', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot, redis } = publication;
  await publisher.markComplete();
  const [approval, { workspaceId, requestDigest }] = [approvalOf(), approvalOf()];
  expect(await snapshot.getApproval(workspaceId, requestDigest)).toBeUndefined();
  await publisher.publishApproval(approval);
  expect(await snapshot.getApproval(workspaceId, requestDigest)).toEqual(approval);
  const denied = approvalOf({ approvalId: 'apr_2', revision: 2, state: 'denied' });
  await publisher.publishApproval(denied);
  await until(async () => (await snapshot.getApproval(workspaceId, requestDigest))?.approvalId === 'apr_2');
  expect(await redis.pttl(keys.approval(workspaceId, requestDigest))).toBeGreaterThan(0);
  expect(await redis.pttl(keys.approval(workspaceId, requestDigest))).toBeLessThanOrEqual(60_000);
  const ended = approvalOf({ approvalId: 'apr_2', revision: 3, validUntil: Date.now() });
  await publisher.publishApproval(ended);
  await until(async () => (await snapshot.getApproval(workspaceId, requestDigest))?.validUntil === ended.validUntil);
  expect(await redis.pttl(keys.approval(workspaceId, requestDigest))).toBeGreaterThan(60_000);
});

test('an approval is valid for no other call or workspace, and only if it is signed (T33)', async () => {
  await using publication = await openPublication();
  const { publisher, snapshot, redis } = publication;
  await publisher.markComplete();
  const approval = approvalOf();
  await publisher.publishApproval(approval);
  const signed = (await redis.get(keys.approval('w1', approval.requestDigest))) ?? '';
  await redis.set(keys.approval('w2', approval.requestDigest), signed);
  await redis.set(keys.approval('w1', 'e'.repeat(43)), signed);
  await redis.set(keys.approval('w1', 'f'.repeat(43)), JSON.stringify(approvalOf({ requestDigest: 'f'.repeat(43) })));
  await expect(snapshot.getApproval('w2', approval.requestDigest)).rejects.toMatchObject(unavailable);
  await expect(snapshot.getApproval('w1', 'e'.repeat(43))).rejects.toMatchObject(unavailable);
  await expect(snapshot.getApproval('w1', 'f'.repeat(43))).rejects.toMatchObject(unavailable);
});
