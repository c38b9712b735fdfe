import type { BrowserPerson } from './browser.ts';
import type { TestPlatform } from './platform.ts';

const PASSWORD = 'correct horse battery staple';

/** Lets a new person accept an invitation to the organization; they are signed in from then on. */
export async function join(
  platform: TestPlatform,
  { page }: BrowserPerson,
  email: string,
  role: string,
): Promise<void> {
  const made = await platform.rest.call<{ link: string }>('POST', '/invitations', { scope: 'organization', role });
  await page.goto(made?.link ?? '');
  await page.getByLabel('Your name').fill('Ada');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create the account and join' }).click();
  await page.waitForURL(/\/(?:account|console\/.*)$/);
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Signs in on the page that a person who is not signed in is redirected to. */
export async function signIn({ page }: Pick<BrowserPerson, 'page'>, email: string): Promise<void> {
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Agrees on the page that asks whether a client may use a server. */
export async function agree({ page }: BrowserPerson): Promise<void> {
  await page.getByRole('button', { name: 'Connect' }).click();
}
