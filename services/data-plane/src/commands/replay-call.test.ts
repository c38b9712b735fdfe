import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Json, type Plan, type Recording, replaySchema } from '@toolplane/contracts';
import { createMemoryStore } from '../../test/memory-store.ts';
import { planOf } from '../../test/plan.ts';
import { recordRun } from '../../test/record-run.ts';
import { startCommands, type TestCommands } from '../../test/start-commands.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import type { SecretStore } from '../secrets/secret-store.ts';

let upstream: Upstream;
let commands: TestCommands;
/** The names of the secrets that were read from the store. */
let asked: string[];

beforeAll(async () => {
  upstream = await startUpstream(json({ n: 1 }));
});
beforeEach(() => {
  asked = [];
  // Without `getMany`, secrets are read one by one.
  const { getMany: _, ...memory } = createMemoryStore();
  const store: SecretStore = {
    ...memory,
    get(ref) {
      asked.push(ref.name);
      return memory.get(ref);
    },
  };
  commands = startCommands(store);
});
afterEach(() => expect(commands.internalErrors).toEqual([]));
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
});

const packed = (request: unknown) => ({
  command: 'replay_call',
  gzipped: gzipSync(JSON.stringify(request)).toString('base64'),
});

async function recorded(rest: Partial<Plan> = {}): Promise<{ plan: Plan; recording: Recording }> {
  const plan = planOf([{ id: 'get', url: `${upstream.url}/x`, outputs: { n: '$response.body.n' } }], {}, rest);
  return { plan, recording: await recordRun(plan) };
}

test('a replay contacts no upstream and no secret store', async () => {
  const request = await recorded();
  const seen = upstream.seen.length;
  const [step] = request.plan.steps;
  const plan = { ...request.plan, steps: [{ ...step, secrets: ['KEY'] }] } as Plan;
  const outcome = await commands.send(packed({ ...request, plan }));
  if (!outcome.ok || outcome.outcome !== 'done') throw new Error(JSON.stringify(outcome));
  const { gzipped } = outcome.value as { gzipped: string };
  const replay = replaySchema.parse(JSON.parse(gunzipSync(Buffer.from(gzipped, 'base64')).toString()));
  expect(replay).toMatchObject({ matches: true, outcome: 'done' });
  expect(upstream.seen).toHaveLength(seen);
  expect(asked).toEqual([]);
});

test('a plan of another workspace is not replayed', async () => {
  const request = await recorded({ workspaceId: 'other' });
  expect(await commands.send(packed(request))).toMatchObject({ ok: false, error: { code: 'not_found' } });
});

test.each<[string, () => Json]>([
  ['text that is not gzip', () => ({ command: 'replay_call', gzipped: 'bm90IGd6aXA=' })],
  ['data that unpacks to far more than a recording can hold', () => packed('x'.repeat(17 * 1024 * 1024))],
  ['JSON that is not a recording', () => packed({ plan: {}, recording: {} })],
  ['data that is not JSON', () => ({ command: 'replay_call', gzipped: gzipSync('{').toString('base64') })],
])('%s is refused', async (_name, command) => {
  expect(await commands.send(command())).toMatchObject({ ok: false, error: { code: 'invalid_request' } });
});

test('replays of one workspace run one after the other', async () => {
  const request = await recorded();
  const outcomes = await Promise.all(Array.from({ length: 5 }, () => commands.send(packed(request))));
  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true, true]);
  expect(commands.slotsLeft()).toBe(4);
});
