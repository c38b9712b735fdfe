import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signInAs, startAuthorizationServer, type TestIdentityProvider } from '../src/authorization-server.ts';
import { type BrowserPerson, openBrowser } from '../src/browser.ts';
import { startPlatform, type TestPlatform } from '../src/platform.ts';
import { sealFor } from '../src/seal-for.ts';

/* People of an organization with its own issuer (oidc-provider), in real browsers. */

let platform: TestPlatform;
let issuer: TestIdentityProvider;
beforeAll(async () => {
  platform = await startPlatform();
  issuer = await startAuthorizationServer(`${platform.api}/sign-in/sso/callback`);
  const secret = { value: issuer.client.client_secret, hosts: [issuer.host] };
  const sealed = await sealFor(platform.rest, { issuer: issuer.url }, secret);
  await platform.rest.call('POST', '/sso-connections', {
    issuer: issuer.url,
    clientId: issuer.client.client_id,
    sealed,
    domains: ['acme.example'],
    isEnforced: true,
    defaultRole: 'maintainer',
  });
}, 90_000);
afterAll(async () => {
  await issuer?.[Symbol.asyncDispose]();
  await platform?.[Symbol.asyncDispose]();
});

const complaintsOf = ({ complaints }: BrowserPerson) => complaints.filter((each) => each.startsWith(platform.api));

async function continueAs({ page }: BrowserPerson, email: string, account: string): Promise<void> {
  await page.goto(`${platform.api}/account`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').focus();
  await page.getByRole('button', { name: `Continue with ${issuer.host}` }).click();
  await signInAs(page, account);
}

test('a person of the domain continues with the issuer, becomes a member and returns to the page that sent them', async () => {
  await using person = await openBrowser();
  await continueAs(person, 'ada@acme.example', 'ada@acme.example');
  const { page } = person;
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
  expect(await page.getByText('default, of default: maintainer').count()).toBe(1);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  expect(complaintsOf(person)).toEqual([]);
  expect(platform.logs()).not.toContain(issuer.client.client_secret);
}, 90_000);

test('nothing in a page can be used before its script is there, so that no click is lost', async () => {
  await using person = await openBrowser();
  await continueAs(person, 'ada@acme.example', 'ada@acme.example');
  const { page } = person;
  const signOut = page.getByText('Sign out');
  await signOut.waitFor();
  const script = Promise.withResolvers<void>();
  await page.route('**/account.js', async (route) => {
    await script.promise;
    await route.continue();
  });
  await page.reload({ waitUntil: 'commit' });
  await signOut.waitFor();
  const takesFocus = (button: HTMLElement) => {
    button.focus();
    return document.activeElement === button;
  };
  expect(await signOut.evaluate(takesFocus)).toBe(false);
  script.resolve();
  await signOut.click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}, 90_000);

test('whoever returns from the issuer without having signed in is offered the sign-in again', async () => {
  await using person = await openBrowser();
  const { page } = person;
  await page.goto(`${platform.api}/sign-in`);
  await page.getByLabel('E-mail address').fill('ada@acme.example');
  await page.getByLabel('Password').focus();
  const button = page.getByRole('button', { name: `Continue with ${issuer.host}` });
  await button.waitFor();
  // Simulates a browser that kept the page: nothing is reloaded, and no field changes.
  await button.evaluate((element: HTMLButtonElement) => {
    element.disabled = true;
    element.hidden = true;
    window.dispatchEvent(new Event('pageshow'));
  });
  await button.click();
  await signInAs(page, 'ada@acme.example');
  await page.getByRole('heading', { name: 'Your account' }).waitFor();
}, 90_000);

test('a person whose issuer cannot be reached is told so, and that trying again does not help', async () => {
  await platform.rest.call('POST', '/sso-connections', {
    issuer: `${issuer.url}/typo`,
    clientId: 'toolplane',
    domains: ['typo.example'],
  });
  await using person = await openBrowser();
  const { page } = person;
  await page.goto(`${platform.api}/sign-in`);
  await page.getByLabel('E-mail address').fill('ada@typo.example');
  await page.getByLabel('Password').focus();
  await page.getByRole('button', { name: `Continue with ${issuer.host}` }).click();
  await page.getByText('The issuer answered with status 404. Tell an administrator of your organization.').waitFor();
}, 90_000);
