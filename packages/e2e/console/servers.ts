import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';

export function describeServers(using: () => ConsoleInUse): void {
  describe('servers', () => {
    test('a new one is made by its form, which says what is wrong with a name, and is in the list', async () => {
      const { page, open } = using();
      await open('/servers');
      await page.getByRole('button', { name: 'New server' }).click();
      await page.getByLabel('Name').fill('Not A Slug');
      await page.getByRole('button', { name: 'Make the server' }).click();
      await page
        .getByRole('alert')
        .getByText(/^name /)
        .waitFor();
      await page.getByLabel('Name').fill('made-in-console');
      await page.getByRole('button', { name: 'Make the server' }).click();
      await page.getByRole('heading', { name: 'made-in-console' }).waitFor();
      await open('/servers');
      await page.getByRole('link', { name: 'made-in-console' }).waitFor();
      expect(await page.getByText('nothing deployed').count()).toBe(1);
    });
  });
}
