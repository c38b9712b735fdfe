import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { type Browser, createBrowser, createMember, PASSWORD } from './browser.ts';
import { startTestControlPlane, type TestControlPlane } from './control-plane.ts';

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane.close());

const FACTORS = '/api/v1/session/second-factors';
type Protected = { email: string; browser: Browser; secret: string; recoveryCodes: string[] };

/** The code of an app whose clock is wrong by `steps` half minutes. */
const codeOf = (secret: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });

/** Creates a person with an authenticator app, whose codes of this half minute are used up. */
async function createProtected(email: string): Promise<Protected> {
  const browser = await createMember(plane, { email, role: 'admin' });
  const begun = await browser.send('POST', `${FACTORS}/totp`);
  const { id, secret } = begun.body.data;
  const { status, body } = await browser.send('POST', `${FACTORS}/totp/confirm`, { id, code: codeOf(secret) });
  expect(status).toBe(200);
  return { email, browser, secret, recoveryCodes: body.data.recoveryCodes };
}

async function signInHalf({ email }: Pick<Protected, 'email'>): Promise<Browser> {
  const browser = createBrowser(plane);
  const { body } = await browser.send('POST', '/api/v1/sign-in', { email, password: PASSWORD });
  expect(body.data.next).toBe('second_factor');
  return browser;
}

const give = (browser: Browser, given: object) => browser.send('POST', '/api/v1/sign-in/second-factor', given);

describe('an authenticator app', () => {
  test('is asked for after the password, and until then the session opens nothing', async () => {
    const ada = await createProtected('ada@example.test');
    const browser = await signInHalf(ada);
    const half = browser.cookie;
    const { text } = await browser.send('GET', '/sign-in/second-factor');
    expect(text).toContain('This page needs JavaScript.');
    for (const path of ['/api/v1/session', '/api/v1/mcp-servers', FACTORS, '/api/v1/sessions']) {
      expect([path, (await browser.send('GET', path)).status]).toEqual([path, 401]);
    }
    expect((await give(browser, { code: codeOf(ada.secret, 1) })).status).toBe(200);
    expect((await browser.send('GET', '/api/v1/mcp-servers')).status).toBe(200);
    expect(browser.cookie).not.toBe(half);
    const before = Object.assign(createBrowser(plane), { cookie: half });
    expect((await before.send('GET', '/api/v1/session')).status).toBe(401);
    expect((await give(before, { code: codeOf(ada.secret, 1) })).status).toBe(401);
  });

  test('accepts each code once, and none from long ago', async () => {
    const bob = await createProtected('bob@example.test');
    const code = codeOf(bob.secret, 1);
    expect((await give(await signInHalf(bob), { code: codeOf(bob.secret, -4) })).status).toBe(401);
    expect((await give(await signInHalf(bob), { code })).status).toBe(200);
    expect((await give(await signInHalf(bob), { code })).status).toBe(401);
  });

  test('is not asked for until one of its codes was right', async () => {
    const browser = await createMember(plane, { email: 'begun@example.test', role: 'viewer' });
    const { body } = await browser.send('POST', `${FACTORS}/totp`);
    expect(body.data.url).toContain(`secret=${body.data.secret}`);
    expect(body.data.qrCode).toMatch(/^<svg /);
    const wrong = { id: body.data.id, code: codeOf(body.data.secret, 9) };
    expect((await browser.send('POST', `${FACTORS}/totp/confirm`, wrong)).status).toBe(403);
    const again = createBrowser(plane);
    const signedIn = await again.send('POST', '/api/v1/sign-in', { email: 'begun@example.test', password: PASSWORD });
    expect(signedIn.body.data.next).toBe('done');
  });

  test('keeps its secret sealed, and its recovery codes as hashes', async () => {
    const { secret, recoveryCodes } = await createProtected('kept@example.test');
    const kept = await plane.database.asPlatform(async (tx) => [
      await tx.secondFactor.findMany({ omit: { counter: true } }),
      await tx.recoveryCode.findMany(),
    ]);
    for (const value of [secret, ...recoveryCodes]) expect(JSON.stringify(kept)).not.toContain(value);
    expect(recoveryCodes).toHaveLength(10);
  });

  test('can be guessed at only slowly', async () => {
    const eve = await createProtected('eve@example.test');
    const browser = await signInHalf(eve);
    const statuses = [];
    for (let tries = 0; tries < 7; tries++)
      statuses.push((await give(browser, { code: codeOf(eve.secret, 50 + tries) })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    expect((await give(browser, { code: codeOf(eve.secret, 1) })).status).toBe(429);
  });
});

describe('a recovery code', () => {
  test('works once, however it is written', async () => {
    const cat = await createProtected('cat@example.test');
    const [first = '', second = ''] = cat.recoveryCodes;
    const written = first.toUpperCase().replaceAll('-', ' ');
    expect((await give(await signInHalf(cat), { recoveryCode: written })).status).toBe(200);
    expect((await give(await signInHalf(cat), { recoveryCode: first })).status).toBe(401);
    const { body } = await cat.browser.send('GET', FACTORS);
    expect(body.data.recoveryCodesLeft).toBe(9);
    const renewed = await cat.browser.send('POST', '/api/v1/session/recovery-codes');
    expect((await give(await signInHalf(cat), { recoveryCode: second })).status).toBe(401);
    expect((await give(await signInHalf(cat), { recoveryCode: renewed.body.data.codes[0] })).status).toBe(200);
  });

  test('of somebody else is refused', async () => {
    const dan = await createProtected('dan@example.test');
    const fay = await createProtected('fay@example.test');
    expect((await give(await signInHalf(dan), { recoveryCode: fay.recoveryCodes[0] })).status).toBe(401);
  });
});

test('a second factor that is removed is no longer asked for, and its recovery codes are gone', async () => {
  const { browser, email } = await createProtected('removes@example.test');
  const listed = await browser.send('GET', FACTORS);
  expect(listed.body.data.factors).toMatchObject([{ kind: 'totp', name: 'Authenticator app' }]);
  const { id } = listed.body.data.factors[0];
  const stranger = await createMember(plane, { email: 'stranger@example.test', role: 'owner' });
  expect((await stranger.send('DELETE', `${FACTORS}/${id}`)).status).toBe(404);
  expect((await browser.send('DELETE', `${FACTORS}/${id}`)).status).toBe(204);
  expect((await browser.send('GET', FACTORS)).body.data).toEqual({ factors: [], recoveryCodesLeft: 0 });
  const again = await createBrowser(plane).send('POST', '/api/v1/sign-in', { email, password: PASSWORD });
  expect(again.body.data.next).toBe('done');
});

describe('a passkey', () => {
  const made = { response: { id: 'x', rawId: 'x', type: 'public-key', response: {} } };

  test('is requested by the host of the pages, with a new challenge each time', async () => {
    const browser = await createMember(plane, { email: 'passkey@example.test', role: 'viewer' });
    const [first, second] = [
      await browser.send('POST', `${FACTORS}/passkey`),
      await browser.send('POST', `${FACTORS}/passkey`),
    ];
    expect(first.body.data).toMatchObject({ rp: { id: 'api.example.test' }, user: { name: 'passkey@example.test' } });
    expect(first.body.data.challenge).not.toBe(second.body.data.challenge);
  });

  test('is not accepted unasked, nor with an invalid answer', async () => {
    const browser = await createMember(plane, { email: 'unasked@example.test', role: 'viewer' });
    expect((await browser.send('POST', `${FACTORS}/passkey/confirm`, made)).status).toBe(409);
    await browser.send('POST', `${FACTORS}/passkey`);
    expect((await browser.send('POST', `${FACTORS}/passkey/confirm`, made)).status).toBe(400);
    const { browser: _, ...gil } = await createProtected('gil@example.test');
    const half = await signInHalf(gil);
    await half.send('POST', '/api/v1/sign-in/passkey-options');
    expect((await give(half, { passkey: { id: 'x' } })).status).toBe(401);
  });
});
