import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';

export function describeAudit(using: () => ConsoleInUse): void {
  describe('audit log', () => {
    test('a change is listed with who made it and what it changed; the export contains what the filter shows', async () => {
      const { platform, page, open } = using();
      const server = await platform.rest.call<{ id: string }>('POST', '/mcp-servers', { name: 'audited' });
      const path = `/mcp-servers/${server?.id}/policy`;
      await platform.rest.call('PUT', path, { policy: { unmatched: 'deny' } });
      await open(`/servers/${server?.id}/policy`);
      await page.getByRole('button', { name: 'Remove the policy' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Remove the policy' }).click();
      await page.getByText('There is no policy').waitFor();

      await open('/audit-log');
      const rows = page.getByRole('row').filter({ hasNot: page.getByRole('columnheader') });
      const own = rows.filter({ hasText: server?.id ?? '' });
      await own.filter({ hasText: 'putPolicy' }).waitFor();
      await page.getByRole('combobox', { name: 'Who' }).click();
      await page.getByRole('option', { name: 'Ada (person)' }).click();
      await page.getByRole('combobox', { name: 'Action' }).fill('deletePolicy');
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await page.waitForURL(/\?actorId=psn_\w+&action=deletePolicy$/);
      // First the previous list disappears, then the requested one appears.
      await own.filter({ hasText: 'putPolicy' }).waitFor({ state: 'detached' });
      const row = own.filter({ hasText: 'deletePolicy' });
      await row.waitFor();
      expect(await rows.count()).toBe(await rows.filter({ hasText: 'deletePolicy' }).count());
      await row.getByRole('button', { name: /^Details of entry/ }).click();
      const change = page.getByRole('dialog').getByRole('row').filter({ hasText: '/policy' });
      await change.getByText('"unmatched": "deny"').waitFor();
      await page.getByRole('dialog').getByText('Ada', { exact: true }).waitFor();
      await page.keyboard.press('Escape');

      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export' }).click(),
      ]);
      const lines = (await readFile(await download.path(), 'utf8')).trim().split('\n');
      const exported = lines.map((line): { action: string; kind: string } => JSON.parse(line));
      expect(new Set(exported.map(({ action }) => action))).toEqual(new Set(['deletePolicy']));
      expect(exported.filter(({ kind }) => kind === 'ended')).toHaveLength(await rows.count());
    }, 60_000);

    test('its chain verifies, and older pages lead back to the newest', async () => {
      const { platform, page, open } = using();
      await platform.rest.call('POST', '/mcp-servers', { name: 'audited-often' });
      for (const description of ['one', 'two', 'three', 'four', 'five']) {
        await platform.rest.call('PATCH', '/mcp-servers/audited-often', { description });
      }
      await open('/audit-log?cursor=5');
      const details = page.getByRole('button', { name: /^Details of entry/ });
      await details.first().waitFor();
      const numbers = await details.evaluateAll((all) => all.map((one) => Number(one.ariaLabel?.match(/\d+/)?.[0])));
      expect(Math.max(...numbers)).toBeLessThan(5);
      await page.getByRole('link', { name: 'Newest' }).click();
      await page
        .getByRole('button', { name: /^Details of entry (?:[5-9]|\d\d)/ })
        .first()
        .waitFor();
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.getByRole('dialog').getByRole('status').getByText('Intact').waitFor();
    }, 60_000);
  });
}
