import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createBrowser, createMember } from './browser.ts';
import { startLinkedPlane } from './linked-plane.ts';

/* A connect link for a person of the platform works for that person alone (T31, T32). */

let linked: Awaited<ReturnType<typeof startLinkedPlane>>;
let plane: typeof linked.plane;
let ann: Awaited<ReturnType<typeof createMember>>;
let eve: Awaited<ReturnType<typeof createMember>>;

beforeAll(async () => {
  linked = await startLinkedPlane();
  ({ plane } = linked);
  ann = await createMember(plane, { email: 'ann@example.test', role: 'viewer' });
  eve = await createMember(plane, { email: 'eve@example.test', role: 'owner' });
});

afterAll(() => plane.close());

const linkToAnn = async (authType: 'token' | 'oauth') =>
  linked.linkTo(await linked.createInstance(authType), authType, { subject: ann.personId });

test('connects in a browser in which she is signed in, and names her as people do', async () => {
  const token = await linkToAnn('token');
  const { status, text } = await ann.send('GET', linked.pathOf(token));
  expect([status, text]).toEqual([200, expect.stringContaining('Somebody (ann@example.test)')]);
  expect(text).not.toContain('is you');
  expect((await ann.send('POST', linked.pathOf(token), { sealed: await linked.seal() })).status).toBe(200);
  expect(linked.sent('store_credential').at(-1)).toMatchObject({ ref: { scope: 'user', subject: ann.personId } });
});

test('leads anybody who is not signed in to the sign-in page and back', async () => {
  const path = linked.pathOf(await linkToAnn('token'));
  const { status, headers } = await createBrowser(plane).send('GET', path);
  expect([status, headers.get('location')]).toEqual([303, `/sign-in?return_to=${encodeURIComponent(path)}`]);
  const { headers: back } = await ann.send('GET', headers.get('location') ?? '');
  expect(back.get('location')).toBe(path);
});

test('shows others nothing of her, and takes nothing from them', async () => {
  const before = linked.sent('store_credential').length + linked.sent('start_authorization').length;
  for (const authType of ['token', 'oauth'] as const) {
    const token = await linkToAnn(authType);
    const { status, text } = await eve.send('GET', linked.pathOf(token));
    expect([status, text]).toEqual([403, expect.stringContaining('for somebody else')]);
    expect(text).not.toMatch(/ann@|psn_|CRM/);
    const body = authType === 'token' ? { sealed: await linked.seal() } : {};
    expect((await eve.send('POST', linked.pathOf(token), body)).status).toBe(403);
    expect((await linked.post(token, body)).status).toBe(401);
    expect((await ann.send('GET', linked.pathOf(token))).status).toBe(200);
  }
  expect(linked.sent('store_credential').length + linked.sent('start_authorization').length).toBe(before);
});

test('is finished by her alone, and only while she is signed in and a member', async () => {
  const bob = await createMember(plane, { email: 'bob@example.test', role: 'viewer' });
  const ofBob = `__Host-toolplane-session=${bob.cookie}`;
  const ofAnn = `__Host-toolplane-session=${ann.cookie}`;
  const begin = async () =>
    linked.start(linked.linkTo(await linked.createInstance('oauth'), 'oauth', { subject: bob.personId }), {
      cookie: ofBob,
    });
  const comeBack = async ({ url, cookie }: Awaited<ReturnType<typeof begin>>, session: string) =>
    (await linked.comeBack(url, `${cookie}; ${session}`)).status;
  const begun = [await begin(), await begin(), await begin(), await begin()] as const;
  const before = linked.sent('finish_authorization').length;
  expect([await comeBack(begun[0], ''), await comeBack(begun[1], ofAnn)]).toEqual([401, 403]);
  expect(linked.sent('finish_authorization')).toHaveLength(before);
  expect(await comeBack(begun[2], ofBob)).toBe(200);
  expect(linked.sent('finish_authorization').at(-1)).toMatchObject({ ref: { scope: 'user', subject: bob.personId } });
  await plane.send('DELETE', `/api/v1/members/${bob.personId}?scope=organization`);
  expect(await comeBack(begun[3], ofBob)).not.toBe(200);
  expect(linked.sent('finish_authorization')).toHaveLength(before + 1);
});

test('is not opened by her name alone: a session that waits for the second factor is none', async () => {
  const path = linked.pathOf(await linkToAnn('token'));
  await plane.database.asPlatform((tx) =>
    tx.session.updateMany({ where: { personId: eve.personId }, data: { personId: ann.personId, state: 'half' } }),
  );
  expect((await eve.send('GET', path)).status).toBe(303);
});
