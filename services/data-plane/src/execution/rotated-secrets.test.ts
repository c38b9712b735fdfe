import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, type Plan, type SecretRef } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import { createMemoryStore } from '../../test/memory-store.ts';
import { planOf } from '../../test/plan.ts';
import { client, fakeClock, internalErrors, runTool } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import { createSecretCache, type SecretCache } from '../secrets/secret-cache.ts';
import type { Secret } from '../secrets/secret-store.ts';
import { systemClock } from './clock.ts';
import type { RunServices } from './run.ts';

/** The only keys that the API accepts. */
let accepted: string[];
let status: number;
let api: Upstream;
let clock: ReturnType<typeof fakeClock>;
let store: ReturnType<typeof createMemoryStore>;
let reads: string[];
let secrets: SecretCache;
let noted: Required<SecretRef>[];

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const key = String(request.headers['x-key']);
    json({ key, url: request.url }, accepted.includes(key) ? 200 : status)(request, response);
  });
});
afterAll(async () => {
  await client.close();
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  [accepted, status, reads, noted] = [[], 401, [], []];
  clock = fakeClock();
  const memory = createMemoryStore();
  store = {
    ...memory,
    async get(ref) {
      reads.push(`${ref.name}@${ref.version ?? 'used'}`);
      return memory.get(ref);
    },
  };
  secrets = createSecretCache({ store, now: clock.now });
});
afterEach(() => {
  api.seen.length = 0;
  expect(internalErrors).toEqual([]);
});

const refOf = (name: string) => ({ workspaceId: 'ws', serverId: 'srv', name });

/** Writes to the store without notifying the cache. */
function put(value: string, version: number, { name = 'KEY', ...more }: Partial<Secret> & { name?: string } = {}) {
  const secret: Secret = { value: new SecretValue(value), hosts: ['127.0.0.1'], version, ...more };
  return store.put(refOf(name), secret);
}

/** Rotates a secret like a command of the control plane, with an hour in which the old version may be used. */
async function rotate(from: [string, number], to: [string, number], name = 'KEY'): Promise<void> {
  const [value, version] = from;
  const kept = { value: new SecretValue(value), hosts: ['127.0.0.1'], version };
  await store.put({ ...refOf(name), version }, kept);
  await put(...to, { name, previous: { version, until: clock.now() + 3_600_000 } });
  secrets.invalidate(refOf(name));
}

function planWith(headers: Record<string, string> = { 'x-key': '$secrets.KEY' }, names = ['KEY']): Plan {
  return planOf([{ id: 's', url: `${api.url}/x`, method: 'POST', headers, secrets: names }], {
    status: '$steps.s.response.status',
    key: '$steps.s.response.body.key',
  });
}

const run = (plan = planWith()) => {
  return runTool(plan, { clock, services: { secrets, noteSecretUse: (ref) => void noted.push(ref) } });
};
const keysSent = () => api.seen.map(({ headers }) => headers['x-key']);

describe('a secret that was changed directly in the store', () => {
  beforeEach(async () => {
    await put('the-old-key', 1);
    accepted = ['the-old-key'];
    await run();
    await put('the-new-key', 2);
    accepted = ['the-new-key'];
    clock.wait(30_000, new AbortController().signal);
    [reads, api.seen.length] = [[], 0];
  });

  test('is read again at the first refusal, and the request is sent once more: no call fails', async () => {
    expect(await run()).toMatchObject({ ok: true, value: { status: 200, key: '[secret:KEY]' } });
    expect([keysSent(), reads]).toEqual([['the-old-key', 'the-new-key'], ['KEY@used']]);
  });

  test('is read once for many calls that are refused at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => run()));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ value: { status: 200 } });
    expect(reads).toEqual(['KEY@used']);
  });

  test('is read once in 30 s when the upstream also refuses the new value', async () => {
    accepted = [];
    for (let call = 0; call < 10; call += 1) expect(await run()).toMatchObject({ value: { status: 401 } });
    expect(reads).toEqual(['KEY@used']);
    expect(keysSent().filter((key) => key === 'the-old-key')).toHaveLength(1);
  });

  test('is not sent again after a 403, which means that the key is valid', async () => {
    status = 403;
    expect(await run()).toMatchObject({ value: { status: 403 } });
    expect(keysSent()).toEqual(['the-old-key']);
  });

  test('and is now gone leaves the upstream’s answer unchanged', async () => {
    await store.delete(refOf('KEY'));
    expect(await run()).toMatchObject({ ok: true, value: { status: 401 } });
    expect(keysSent()).toEqual(['the-old-key']);
  });

  test('goes to no host that the new value was not sealed for (T5)', async () => {
    await put('the-new-key', 2, { hosts: ['other.example.com'] });
    expect(await run()).toMatchObject({ error: { code: 'secret_host_denied' } });
    expect(keysSent()).toEqual(['the-old-key']);
  });
});

test('a request whose secret is unchanged is not repeated after a refusal', async () => {
  await put('the-old-key', 1);
  expect(await run()).toMatchObject({ ok: true, value: { status: 401 } });
  expect(keysSent()).toEqual(['the-old-key']);
});

test('a request without secrets is sent once', async () => {
  expect(await run(planWith({ 'x-key': 'none' }, []))).toMatchObject({ ok: true, value: { status: 401 } });
  expect(keysSent()).toEqual(['none']);
});

describe('while a rotation overlaps', () => {
  beforeEach(() => rotate(['the-old-key', 1], ['the-new-key', 2]));

  test.each([
    ['only the old version', ['the-old-key'], ['the-new-key', 'the-old-key']],
    ['both', ['the-old-key', 'the-new-key'], ['the-new-key']],
    ['only the new version', ['the-new-key'], ['the-new-key']],
  ])('an upstream that accepts %s gets what it needs', async (_name, keys, sent) => {
    accepted = keys;
    expect(await run()).toMatchObject({ ok: true, value: { status: 200, key: '[secret:KEY]' } });
    expect(keysSent()).toEqual(sent);
  });

  test('an upstream that accepts neither is asked twice, and the second answer counts', async () => {
    expect(await run()).toMatchObject({ ok: true, value: { status: 401, key: '[secret:KEY]' } });
    expect(keysSent()).toEqual(['the-new-key', 'the-old-key']);
  });

  test('neither version comes back from an upstream that received both (T10)', async () => {
    accepted = ['the-old-key'];
    const plan = planOf(
      [
        { id: 'a', url: `${api.url}/x`, headers: { 'x-key': '$secrets.KEY' }, secrets: ['KEY'] },
        { id: 'b', url: `${api.url}/the-new-key`, headers: { 'x-key': 'the-old-key' } },
      ],
      { a: '$steps.a.response.body', b: '$steps.b.response.body' },
    );
    const outcome = await run(plan);
    expect(JSON.stringify(outcome)).not.toMatch(/the-(?:old|new)-key/);
  });

  test('once it has ended, the old version is no longer sent', async () => {
    accepted = ['the-old-key'];
    clock.wait(3_600_000, new AbortController().signal);
    expect(await run()).toMatchObject({ value: { status: 401 } });
    expect(keysSent()).toEqual(['the-new-key']);
  });

  test('an old version that was deleted before the end is skipped', async () => {
    await store.delete({ ...refOf('KEY'), version: 1 });
    expect(await run()).toMatchObject({ ok: true, value: { status: 401 } });
    expect(keysSent()).toEqual(['the-new-key']);
  });

  test('an old version that is not sealed for this host is not tried: the first answer counts (T5)', async () => {
    const kept = { value: new SecretValue('the-old-key'), hosts: ['other.example.com'], version: 1 };
    await store.put({ ...refOf('KEY'), version: 1 }, kept);
    expect(await run()).toMatchObject({ ok: true, value: { status: 401 } });
    expect(keysSent()).toEqual(['the-new-key']);
  });

  test('a store that hangs on the old version does not outlast the call', async () => {
    const hanging: RunServices['secrets'] = {
      get: (ref) => (ref.version === undefined ? secrets.get(ref) : new Promise(() => {})),
      expire: secrets.expire,
    };
    const call = new AbortController();
    setTimeout(() => call.abort(new AppError('cancelled', 'The call was cancelled')), 50);
    const outcome = await runTool(planWith(), { clock, services: { secrets: hanging }, signal: call.signal });
    expect(outcome).toMatchObject({ outcome: 'done' });
    expect(keysSent()).toEqual(['the-new-key']);
  });

  test('the pages of one step continue with the version that the upstream accepted', async () => {
    accepted = ['the-old-key'];
    const plan = planWith();
    const [step] = plan.steps;
    const items = { kind: 'list' as const, items: [{ kind: 'literal' as const, value: 1 }] };
    Object.assign(step ?? {}, { pagination: { type: 'page', parameter: 'page', items, pagesMax: 3 } });
    await run(plan);
    expect(keysSent()).toEqual(['the-new-key', 'the-old-key', 'the-old-key', 'the-old-key']);
  });

  test('two secrets that were rotated together are tried together', async () => {
    await rotate(['the-old-user', 1], ['the-new-user', 2], 'USER');
    accepted = ['the-old-user:the-old-key'];
    const plan = planWith({ 'x-key': '$secrets.USER:$secrets.KEY' }, ['USER', 'KEY']);
    expect(await run(plan)).toMatchObject({ value: { status: 200 } });
    expect(keysSent()).toEqual(['the-new-user:the-new-key', 'the-old-user:the-old-key']);
  });

  test('each version that was sent is recorded as used', async () => {
    accepted = ['the-old-key'];
    await run();
    expect(noted).toEqual([
      { ...refOf('KEY'), version: 2 },
      { ...refOf('KEY'), version: 1 },
    ]);
  });
});

test('the second request shares the time limit of its step', async () => {
  await using slow = await startUpstream((request, response) => {
    if (request.headers['x-key'] === 'the-new-key') json({}, 401)(request, response);
  });
  await rotate(['the-old-key', 1], ['the-new-key', 2]);
  const step = { id: 's', url: slow.url, headers: { 'x-key': '$secrets.KEY' }, secrets: ['KEY'], timeoutMs: 200 };
  const outcome = await runTool(planOf([step]), {
    clock: systemClock,
    services: { secrets: { get: (ref) => store.get(ref).then(stillKept), expire: () => {} } },
  });
  expect(outcome).toMatchObject({ ok: false, error: { code: 'upstream_timeout' } });
  expect(slow.seen).toHaveLength(2);
});

/** Returns a secret whose previous version is still valid by the clock of this machine. */
function stillKept(secret: Secret | undefined): Secret | undefined {
  if (secret?.previous === undefined) return secret;
  return { ...secret, previous: { ...secret.previous, until: Date.now() + 60_000 } };
}
