import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

/* Quotas of an organization, which apply to all of its workspaces together. */

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane({ quotas: { workspaces: 3, servers: 2, apiKeys: 4, externalUsers: 2 } });
});
afterAll(() => plane.close());

const requests = {
  workspaces: (name: string) => ['/api/v1/workspaces', { name }] as const,
  servers: (name: string) => ['/api/v1/mcp-servers', { name, mode: 'NORMAL' }] as const,
  'API keys': (name: string) => ['/api/v1/api-keys', { name }] as const,
  'external users': (username: string) => ['/api/v1/external-users', { username }] as const,
};

test.each(Object.entries(requests))(
  'an organization gets no more %s than its quota, is told the number, and others are not affected (T38)',
  async (_, toRequest) => {
    const [tenant, other] = [await plane.createTenant(), await plane.createTenant()];
    const create = (name: string, key = tenant.key) => {
      const [path, body] = toRequest(name);
      return plane.send('POST', path, body, { key });
    };
    let answer = await create('n0');
    for (let n = 1; answer.status === 201 && n < 9; n += 1) answer = await create(`n${n}`);
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'quota_exceeded' } } });
    expect(answer.body.error.message).toMatch(/has (\d) .+ may have \1: .+_PER_ORGANIZATION_MAX$/);
    expect((await create('n0', other.key)).status).toBe(201);
  },
);

test('what is deleted or revoked makes room (T38)', async () => {
  const { key } = await plane.createTenant();
  const create = (name: string) => plane.send('POST', '/api/v1/external-users', { username: name }, { key });
  const [first] = [await create('a'), await create('b')];
  expect((await create('c')).status).toBe(409);
  await plane.send('DELETE', `/api/v1/external-users/${first.body.data.id}`, undefined, { key });
  expect((await create('c')).status).toBe(201);
});

test('keys that are rotated or made valid again do not pass the quota, and rotating without overlap always works (T38)', async () => {
  const { key } = await plane.createTenant();
  const create = async (body: object) => (await plane.send('POST', '/api/v1/api-keys', body, { key })).body.data.id;
  const rotate = (id: string, overlapSeconds: number) =>
    plane.send('POST', `/api/v1/api-keys/${id}/rotate`, { overlapSeconds }, { key });
  const expired = await create({ name: 'expired' });
  await create({ name: 'a' });
  const last = await create({ name: 'b' });
  const data = { expiresAt: new Date(0) };
  await plane.database.asPlatform((tx) => tx.apiKey.update({ where: { id: expired }, data }));
  await create({ name: 'c' });

  expect((await rotate(last, 3600)).body.error).toMatchObject({
    code: 'quota_exceeded',
    message: expect.stringContaining('overlapSeconds: 0'),
  });
  const revive = await plane.send('PATCH', `/api/v1/api-keys/${expired}`, { expiresAt: null }, { key });
  expect(revive.body.error?.code).toBe('quota_exceeded');
  expect((await rotate(last, 0)).status).toBe(201);
});
