import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';

type Shown = { description: string; mode: string };

export function describeServers(using: () => ConsoleInUse): void {
  describe('servers', () => {
    test('a new one is created in its form, which says what is wrong with a name, and is then in the list', async () => {
      const { page, open } = using();
      await open('/servers');
      await page.getByRole('button', { name: 'New server' }).click();
      await page.getByLabel('Name').fill('Not A Slug');
      await page.getByRole('button', { name: 'Create server' }).click();
      // The error is shown at its field, where the person continues typing.
      await page.locator('[aria-invalid=true]:focus').waitFor();
      expect(await page.getByLabel('Name').evaluate((field) => field === document.activeElement)).toBe(true);
      await page.getByLabel('Name').fill('made-in-console');
      await page.getByRole('button', { name: 'Create server' }).click();
      await page.getByRole('heading', { name: 'made-in-console' }).waitFor();
      await open('/servers');
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'made-in-console' }) });
      await row.getByText('nothing deployed').waitFor();
    });

    test('its settings are saved, but not over those that somebody else saved first', async () => {
      const { platform, page, open } = using();
      await platform.rest.call('POST', '/mcp-servers', { name: 'set-in-console', mode: 'NORMAL' });
      await open('/servers/set-in-console/settings');
      await page.getByLabel('Description').fill('Trains');
      await page.getByRole('radio', { name: 'Smart' }).check();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved').waitFor();
      const read = () => platform.rest.call<Shown>('GET', '/mcp-servers/set-in-console');
      expect(await read()).toMatchObject({ description: 'Trains', mode: 'SMART' });

      // The page does not refetch until the window has focus again.
      await platform.rest.call('PATCH', '/mcp-servers/set-in-console', { description: 'Ships' });
      await page.getByLabel('Description').fill('Planes');
      await page.getByRole('button', { name: 'Save' }).click();
      const reported = page
        .getByRole('alert')
        .filter({ hasText: 'Somebody else has changed these settings in the meantime' });
      await reported.getByText('Ships').waitFor();
      expect(await page.getByLabel('Description').inputValue()).toBe('Planes');
      expect(await read()).toMatchObject({ description: 'Ships' });
      await reported.getByRole('button', { name: 'Drop mine' }).click();
      expect(await page.getByLabel('Description').inputValue()).toBe('Ships');
      await reported.waitFor({ state: 'detached' });
    });

    test('the hosts that its documents may compute, and whether connections are shared, are saved', async () => {
      const { platform, page, open } = using();
      await platform.rest.call('POST', '/mcp-servers', { name: 'hosts-in-console', mode: 'NORMAL' });
      await open('/servers/hosts-in-console/settings');
      await page.getByLabel('Allowed hosts').fill('*.example.com\nhttps://x');
      await page.getByLabel('Shared connections').check();
      await page.getByRole('button', { name: 'Save' }).click();
      // The error is shown at its field, with the line that it is about.
      await page.locator('[aria-invalid=true]:focus').waitFor();
      await page.getByText(/^https:\/\/x: /).waitFor();
      await page.getByLabel('Allowed hosts').fill('*.example.com, api.test:8443');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved').waitFor();
      expect(await platform.rest.call('GET', '/mcp-servers/hosts-in-console')).toMatchObject({
        config: { allowedHosts: ['*.example.com', 'api.test:8443'], allowSharedConnections: true },
      });
    });

    test('a search survives going back to the list, reloading it and sharing its link', async () => {
      const { platform, page, open } = using();
      for (const name of ['found-in-console', 'lost-in-console']) {
        await platform.rest.call('POST', '/mcp-servers', { name, mode: 'NORMAL' });
      }
      await open('/servers');
      const found = page.getByRole('link', { name: 'found-in-console' });
      const lost = page.getByRole('link', { name: 'lost-in-console' });
      await lost.waitFor();
      await page.getByLabel('Search servers').fill('found-in');
      await lost.waitFor({ state: 'detached' });
      await page.waitForURL(/\/servers\?q=found-in$/);
      await found.click();
      await page.getByRole('heading', { name: 'found-in-console' }).waitFor();
      await page.goBack();
      for (const look of [async () => undefined, () => page.reload()]) {
        await look();
        await found.waitFor();
        expect(await page.getByLabel('Search servers').inputValue()).toBe('found-in');
        expect(await lost.count()).toBe(0);
      }
      await page.getByLabel('Search servers').fill('');
      await lost.waitFor();
    });

    test('a stopped one says why agents find no tools, and not that somebody has to write them', async () => {
      const { platform, page, open } = using();
      await platform.rest.call('POST', '/mcp-servers', { name: 'idle-in-console', mode: 'SMART' });
      await open('/servers/idle-in-console/settings');
      await page.getByRole('button', { name: 'Stop' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stop' }).click();
      for (const tab of ['Tools', 'Try']) {
        await page.getByRole('tab', { name: tab, exact: true }).click();
        const panel = page.getByRole('tabpanel', { name: tab });
        await panel.getByText('no agent finds its tools until it is started again').waitFor();
        expect(await panel.getByText('In mode Smart, agents see').count()).toBe(0);
      }
    });

    test('deleting one asks for confirmation, and then it is gone', async () => {
      const { platform, page, open } = using();
      await platform.rest.call('POST', '/mcp-servers', { name: 'gone-in-console', mode: 'NORMAL' });
      await open('/servers/gone-in-console/settings');
      await page.getByRole('button', { name: 'Delete' }).click();
      const question = page.getByRole('dialog', { name: 'Delete' });
      await question.getByRole('button', { name: 'Cancel' }).click();
      await question.waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Delete' }).click();
      await question.getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: 'MCP servers' }).waitFor();
      expect(await platform.rest.call('GET', '/mcp-servers?q=gone-in-console')).toEqual([]);
    });
  });
}
