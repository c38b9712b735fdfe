import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type BrowserPerson, openBrowser } from '../src/browser.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';

/* People in real browsers: from the invitation link to an account that a password alone does not open. */

const PASSWORD = 'correct horse battery staple';

let platform: TestPlatform;
/** The base URL with a host name, which passkeys require. */
let base: string;
beforeAll(async () => {
  platform = await startPlatform(({ api }) => ({ CONTROL_PLANE_PUBLIC_URL: `http://localhost:${api}` }));
  base = platform.api.replace('127.0.0.1', 'localhost');
}, 90_000);
afterAll(async () => {
  await platform?.[Symbol.asyncDispose]();
});

async function invite(role: string): Promise<string> {
  const made = await platform.rest.call<{ link: string }>('POST', '/invitations', { scope: 'organization', role });
  return made?.link ?? '';
}

async function join({ page }: BrowserPerson, email: string, role = 'owner'): Promise<void> {
  await page.goto(await invite(role));
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account and join' }).click();
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const signOut = async (page: Page) => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
};

/** Adds a virtual authenticator to the browser, like that of a person's device. */
async function plugIn({ context, page }: BrowserPerson): Promise<void> {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

describe('a person', () => {
  test('joins by a link, signs out and in again, and returns to the page that sent them', async () => {
    await using person = await openBrowser();
    const { page, complaints } = person;
    await join(person, 'ada@example.test');
    expect(await page.getByText('default, of default: owner').count()).toBe(1);
    await signOut(page);
    await page.goto(`${base}/account`);
    expect(new URL(page.url()).search).toBe('?return_to=%2Faccount');
    await signIn(page, 'ada@example.test');
    await page.getByRole('heading', { name: 'Your account' }).waitFor();
    expect(complaints).toEqual([]);
  }, 90_000);

  test('is told what is wrong, and tries again', async () => {
    await using person = await openBrowser();
    const { page } = person;
    await page.goto(`${base}/sign-in`);
    await signIn(page, 'nobody@example.test');
    await page.getByText('The e-mail address or the password is wrong.').waitFor();
    expect(await page.getByRole('button', { name: 'Sign in' }).isEnabled()).toBe(true);
  }, 60_000);

  test('adds an authenticator app and gets in with a recovery code', async () => {
    await using person = await openBrowser();
    const { page, complaints } = person;
    await join(person, 'bob@example.test');
    await page.getByRole('button', { name: 'Add an authenticator app' }).click();
    await page.locator('#qr-code svg').waitFor();
    const secret = (await page.locator('#totp-secret').textContent()) ?? '';
    await page.getByLabel('Code shown in the app').fill(await codeOf(secret));
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('Keep these codes').waitFor();
    const [recoveryCode = ''] = (await page.locator('#codes pre').textContent())?.split('\n') ?? [];
    await signOut(page);
    await signIn(page, 'bob@example.test');
    await page.getByRole('heading', { name: 'Second factor' }).waitFor();
    await page.getByText('Use a recovery code').click();
    await page.getByLabel('Recovery code').fill(recoveryCode);
    await page.getByRole('button', { name: 'Sign in with a recovery code' }).click();
    await page.getByText('Recovery codes left: 9.').waitFor();
    expect(complaints).toEqual([]);
  }, 90_000);

  test('adds a passkey, and gets in with their password and that', async () => {
    await using person = await openBrowser();
    const { page, complaints } = person;
    await plugIn(person);
    await join(person, 'cat@example.test');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByText('Keep these codes').waitFor();
    await signOut(page);
    await signIn(page, 'cat@example.test');
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText('Passkey, since').waitFor();
    expect(complaints).toEqual([]);
  }, 90_000);
});

/** The current one-time code by RFC 6238, as an app computes it. */
async function codeOf(secret: string): Promise<string> {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(secret, (letter) => digits.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const bytes = Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
  const mac = Buffer.from(await crypto.subtle.sign('HMAC', key, step));
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7f_ff_ff_ff) % 1_000_000).padStart(6, '0');
}
