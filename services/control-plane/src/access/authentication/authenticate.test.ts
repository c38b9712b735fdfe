import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { expect, jest, test } from '@jest/globals';
import { apiKeyBytes, formatApiKey } from '@toolplane/contracts';
import { createClientAddress } from '@toolplane/service-kit';
import type { Principal } from '../../platform/principals/principal.ts';
import { createKeyAuthentication } from './authenticate.ts';

const newKey = () =>
  formatApiKey({ keyId: randomBytes(apiKeyBytes.keyId), secret: randomBytes(apiKeyBytes.secret) }).key;

/** Counts the calls that would query the database. */
function createGuard(rightKeys: string[]) {
  const right = new Set(rightKeys);
  const guard = { asked: 0, right, isDatabaseAway: false, send };
  const principal: Principal = {
    actor: { kind: 'key', keyId: 'k' },
    parties: ['key:k'],
    organizationId: 'org_1',
    workspaceId: 'ws_1',
    permissions: [],
    mayAssertUser: true,
  };
  const verify = async (key: string) => {
    guard.asked++;
    if (guard.isDatabaseAway) throw new Error('away');
    return right.has(key) ? principal : undefined;
  };
  const authenticate = createKeyAuthentication({ verify }, createClientAddress([]));
  async function send(key: string, remoteAddress = '192.0.2.1'): Promise<string> {
    const request = { headersDistinct: { 'x-api-key': [key] }, socket: { remoteAddress } };
    return authenticate(request as unknown as IncomingMessage).then(
      () => 'ok',
      (error) => error.code ?? 'failed',
    );
  }
  return guard;
}

const flood = (guard: ReturnType<typeof createGuard>, count: number) =>
  Promise.all(Array.from({ length: count }, () => guard.send(newKey())));

test('wrong keys above the limit cost the database next to nothing, even all at once', async () => {
  const guard = createGuard([]);
  const answers = await flood(guard, 2000);
  expect(guard.asked).toBeLessThanOrEqual(110);
  expect(new Set(answers)).toEqual(new Set(['unauthenticated', 'rate_limited']));
});

test('a key that was valid before is served from an address above the limit, and looked up each time', async () => {
  const key = newKey();
  const guard = createGuard([key]);
  expect(await guard.send(key)).toBe('ok');
  await flood(guard, 200);
  for (let i = 0; i < 20; i++) expect(await guard.send(key)).toBe('ok');
  guard.right.delete(key);
  expect(await guard.send(key)).toBe('unauthenticated');
});

test('a valid key that was never used before is let in from an address above the limit, a second later', async () => {
  jest.useFakeTimers({ now: Date.now() });
  const key = newKey();
  const guard = createGuard([key]);
  await flood(guard, 200);
  expect(await guard.send(key)).toBe('rate_limited');
  jest.advanceTimersByTime(1001);
  expect(await guard.send(key)).toBe('ok');
  expect(await guard.send(key)).toBe('ok');
  jest.useRealTimers();
});

test('neither valid keys nor an unavailable database count as wrong keys', async () => {
  const keys = Array.from({ length: 300 }, newKey);
  const guard = createGuard(keys);
  guard.isDatabaseAway = true;
  for (const key of keys) expect(await guard.send(key)).toBe('failed');
  guard.isDatabaseAway = false;
  for (const key of keys) expect(await guard.send(key)).toBe('ok');
});

test('other addresses are unaffected', async () => {
  const key = newKey();
  const guard = createGuard([key]);
  await flood(guard, 200);
  expect(await guard.send(newKey(), '192.0.2.2')).toBe('unauthenticated');
  expect(await guard.send(key, '192.0.2.2')).toBe('ok');
});
