import { describe, expect, test } from '@jest/globals';
import { openBrowser } from '../src/browser.ts';
import type { ConsoleInUse } from '../src/console.ts';
import { until } from '../src/until.ts';

export function describeMembers(using: () => ConsoleInUse): void {
  describe('members', () => {
    async function withdrawAll(): Promise<void> {
      const { rest } = using().platform;
      const left = (await rest.call<{ id: string }[]>('GET', '/invitations?limit=100')) ?? [];
      for (const { id } of left) await rest.call('DELETE', `/invitations/${id}`);
    }

    test('whoever joins by an invitation link is offered what the role allows, and nothing once they are removed', async () => {
      const { page, open } = using();
      await open('/members');
      await page.getByRole('button', { name: 'Invite somebody' }).click();
      await page.getByRole('radio', { name: 'maintainer' }).check();
      await page.getByRole('button', { name: 'Create link' }).click();
      const link = (await page.getByText(/\/invitations\/[\w-]{43}$/).textContent()) ?? '';
      // Neither a click outside the dialog nor Escape closes it.
      await page.mouse.click(5, 5);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'I have it' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByRole('rowheader', { name: 'anybody with the link' }).waitFor();
      expect(await page.getByText(link).count()).toBe(0);

      await using grace = await openBrowser();
      await grace.page.goto(link);
      await grace.page.getByLabel('Your name').fill('Grace');
      await grace.page.getByLabel('E-mail address').fill('grace@example.test');
      await grace.page.getByLabel('Password').fill('correct horse battery staple');
      await grace.page.getByRole('button', { name: 'Create the account and join' }).click();
      await grace.page.getByRole('button', { name: 'New server' }).waitFor();
      const pages = grace.page.getByRole('navigation').getByRole('link');
      const names = (await pages.allTextContents()).map((text) => text.replace(/\d+$/, ''));
      expect(names).toEqual(['MCP servers', 'Connectors', 'Egress rules', 'Call log', 'Agents', 'External users']);
      await open('/members', grace.page);
      await grace.page.getByText('Only admins and owners can manage members.').waitFor();

      await open('/members');
      const own = page.getByRole('row').filter({ hasText: 'owner@example.test' });
      const hers = page.getByRole('row').filter({ hasText: 'grace@example.test' });
      await hers.getByRole('cell', { name: 'maintainer' }).waitFor();
      expect(await own.getByRole('button').count()).toBe(0);
      await hers.getByRole('button', { name: 'Change the role of Grace' }).click();
      await page.getByRole('radio', { name: 'viewer' }).check();
      await page.getByRole('button', { name: 'Change the role', exact: true }).click();
      await hers.getByRole('cell', { name: 'viewer' }).waitFor();
      await open('/servers', grace.page);
      await grace.page.getByRole('heading', { name: 'MCP servers' }).waitFor();
      expect(await grace.page.getByRole('button', { name: 'New server' }).count()).toBe(0);

      await hers.getByRole('button', { name: 'Remove Grace' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
      await hers.waitFor({ state: 'detached' });
      const headers = { 'x-workspace': 'ws_default' };
      const refused = await grace.page.evaluate(
        async (sent) => (await fetch('/api/v1/mcp-servers', { headers: sent })).status,
        headers,
      );
      expect(refused).toBe(404);
      await grace.page.reload();
      await grace.page.getByRole('heading', { name: 'No workspace' }).waitFor();
    }, 60_000);

    test('a withdrawn invitation leads nowhere', async () => {
      const { platform, page, open } = using();
      const invited = { scope: 'workspace', role: 'viewer', email: 'never@example.test' };
      const made = await platform.rest.call<{ link: string }>('POST', '/invitations', invited);
      expect((await fetch(made?.link ?? '')).status).toBe(200);
      await open('/members');
      const row = page.getByRole('row').filter({ hasText: 'never@example.test' });
      await row.getByRole('button', { name: 'Withdraw' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
      await row.waitFor({ state: 'detached' });
      expect((await fetch(made?.link ?? '')).status).toBe(404);
    }, 60_000);

    test('a link that arrives after its form was closed is still shown', async () => {
      const { page, open } = using();
      const closed = Promise.withResolvers<void>();
      const isInvitations = (url: URL) => url.pathname === '/api/v1/invitations';
      await page.route(isInvitations, async (route) => {
        if (route.request().method() === 'POST') await closed.promise;
        await route.continue();
      });
      await open('/members');
      await page.getByRole('button', { name: 'Invite somebody' }).click();
      const asked = page.waitForRequest((request) => request.method() === 'POST');
      await page.getByRole('button', { name: 'Create link' }).click();
      await asked;
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      closed.resolve();
      await page.getByText(/\/invitations\/[\w-]{43}$/).waitFor();
      await page.getByRole('button', { name: 'I have it' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });

      await page.unroute(isInvitations);
      await withdrawAll();
    }, 60_000);

    test('a list stays visible while its next page loads, and goes back when the last page is empty', async () => {
      const { platform, page, open } = using();
      for (let number = 1; number <= 26; number += 1) {
        const invited = { scope: 'workspace', role: 'viewer', email: `page-${number}@example.test` };
        await platform.rest.call('POST', '/invitations', invited);
      }
      const rows = page.getByRole('row').filter({ hasText: /page-\d+@example\.test/ });
      const read = Promise.withResolvers<void>();
      await page.route('**/api/v1/invitations?page=2*', async (route) => {
        await read.promise;
        await route.continue();
      });
      await open('/members');
      await until(async () => (await rows.count()) === 25);
      const asked = page.waitForRequest('**/api/v1/invitations?page=2*');
      await page.getByRole('button', { name: 'Next page' }).click();
      await asked;
      await page.locator('button[aria-current]').getByText('2', { exact: true }).waitFor();
      expect(await rows.count()).toBe(25);
      read.resolve();
      await until(async () => (await rows.count()) === 1);
      // The page number is in the URL.
      await page.reload();
      await rows.waitFor();
      await rows.getByRole('button', { name: 'Withdraw' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
      await until(async () => (await rows.count()) === 25);
      await page.getByRole('button', { name: 'Previous page' }).waitFor({ state: 'detached' });

      await page.unroute('**/api/v1/invitations?page=2*');
      await withdrawAll();
    }, 60_000);
  });
}
