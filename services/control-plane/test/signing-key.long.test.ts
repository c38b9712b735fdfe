import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectBus, createPublisher, createSnapshot } from '@toolplane/bus';
import { createSigner, createVerifier, generateSigningKeys } from '@toolplane/sealing';
import { createLogger } from '@toolplane/service-kit';
import { createPublishing } from '../src/publishing/publishing.ts';
import { flowerDocument, startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const path = '/api/v1/mcp-servers';
const next = await generateSigningKeys();

async function openSnapshot(publicJwks: string) {
  const bus = connectBus({ redisUrl: plane.redis.url });
  const snapshot = await createSnapshot({ bus, verifier: await createVerifier(publicJwks) });
  return { ...snapshot, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}

/** Does what a control plane does at its start, with another key in its settings. */
async function restartWith(privateJwk: string): Promise<void> {
  const signer = await createSigner(privateJwk);
  await using bus = connectBus({ redisUrl: plane.redis.url });
  const publisher = await createPublisher({ bus, signer });
  const logger = createLogger('control-plane', 'silent');
  const { database, debugStreams } = plane;
  await createPublishing({ database, publisher, signer, debugStreams, logger }).catchUp();
}

test('after a restart with a new signing key everything is signed with it, and processes that know both keys keep working', async () => {
  const { body: made } = await plane.send('POST', path, { name: 'signed' });
  const { id } = made.data;
  await plane.send('POST', `${path}/${id}/deploy`, { definition: flowerDocument('signed') });
  const { body: key } = await plane.send('POST', '/api/v1/api-keys', { name: 'signed' });
  const both = { keys: [plane.keys.verify, next.publicJwks].flatMap((jwks) => JSON.parse(jwks).keys) };
  await using running = await openSnapshot(JSON.stringify(both));
  const read = async (snapshot: typeof running) => {
    const manifest = await snapshot.getManifest(id);
    const plan = await snapshot.getPlan(manifest?.tools[0]?.planDigest ?? '');
    const { workspaceId = '' } = manifest ?? {};
    return [manifest, plan, await snapshot.getApiKey(key.data.id), await snapshot.getEgressRules(workspaceId)];
  };
  const before = await read(running);
  expect(before).not.toContain(undefined);

  await restartWith(next.privateJwk);
  expect(await read(running)).toEqual(before);
  // The old key is removed from the settings, and processes start with the remaining key.
  await using fresh = await openSnapshot(next.publicJwks);
  expect(await read(fresh)).toEqual(before);
});

test('a data plane that does not know the new key yet refuses what it signed: so the verifiers come first', async () => {
  await restartWith(next.privateJwk);
  const { body } = await plane.send('GET', path);
  await using late = await plane.openSnapshot();
  await expect(late.getManifest(body.data[0].id)).rejects.toMatchObject({ code: 'config_unavailable' });
});
