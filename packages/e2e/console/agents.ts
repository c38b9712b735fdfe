import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { callPlainly } from '../src/plain-client.ts';
import { deployServer } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream } from '../src/upstream.ts';
import { clockDocument } from './clock.ts';

export function describeAgents(using: () => ConsoleInUse): void {
  describe('agents', () => {
    test('a deactivated one is refused over MCP at once, and let in again when it is activated', async () => {
      const { platform, page, open } = using();
      await using upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json').end('{"time":"noon"}');
      });
      await open('/agents');
      await page.getByRole('button', { name: 'New agent' }).click();
      await page.getByLabel('Name').fill('clock robot');
      await page.getByRole('button', { name: 'Create agent' }).click();
      await page.getByRole('heading', { name: 'clock robot', exact: true }).waitFor();
      await page.getByRole('link', { name: 'New key' }).click();
      await page.getByLabel('Name').fill('of clock robot');
      await until(async () => (await page.getByRole('combobox', { name: 'Agent' }).inputValue()) === 'clock robot');
      await page.getByRole('button', { name: 'Create key' }).click();
      const key = (await page.getByText(/^tp_live_\w+_\w+_\w+$/).textContent()) ?? '';
      await page.getByRole('button', { name: 'I have it' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      await page.getByRole('link', { name: 'of clock robot' }).click();
      await page.getByRole('link', { name: 'clock robot', exact: true }).click();
      await page.getByRole('heading', { name: 'clock robot', exact: true }).waitFor();
      await page.getByRole('link', { name: 'of clock robot' }).waitFor();
      const { id } = await deployServer(platform, 'clock-of-agents', clockDocument(upstream.url));
      const headers = { 'x-api-key': key };
      const status = async () => (await callPlainly(platform, id, 'read_clock', {}, { headers })).status;
      await until(async () => (await status()) === 200);

      await page.getByRole('button', { name: 'Deactivate' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
      await page.getByText('deactivated', { exact: true }).waitFor();
      await until(async () => (await status()) === 401, 3000);

      await page.getByRole('button', { name: 'Activate' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
      await page.getByText('active', { exact: true }).waitFor();
      await until(async () => (await status()) === 200, 3000);
    });

    test('a deleted one is in no list, and its key is revoked', async () => {
      const { platform, page, open } = using();
      const agent = await platform.rest.call<{ id: string }>('POST', '/agents', { name: 'console goner' });
      await platform.rest.call('POST', '/agents', { name: 'console stayer' });
      const request = { name: 'of console goner', agentId: agent?.id };
      const made = await platform.rest.call<{ id: string }>('POST', '/api-keys', request);
      await open('/agents');
      await page.getByRole('link', { name: 'console goner' }).click();
      await page.getByRole('link', { name: 'of console goner' }).waitFor();
      await page.getByRole('button', { name: 'Delete console goner' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { name: 'Agents', exact: true }).waitFor();
      await page.getByRole('link', { name: 'console stayer' }).waitFor();
      await page.getByRole('link', { name: 'console goner' }).waitFor({ state: 'detached' });
      const key = await platform.rest.call<{ revokedAt: string | null }>('GET', `/api-keys/${made?.id}`);
      expect(key?.revokedAt).toEqual(expect.any(String));
    });

    test('the secret of an OAuth client is shown until its dialog is closed, and never again', async () => {
      const { platform, page, open } = using();
      const agent = await platform.rest.call<{ id: string }>('POST', '/agents', { name: 'console client' });
      await open(`/agents?agent=${agent?.id}`);
      await page.getByRole('button', { name: 'New OAuth client' }).click();
      await page.getByLabel('Name').fill('build machine');
      const answer = page.waitForResponse(
        (one) => one.url().endsWith('/oauth-clients') && one.request().method() === 'POST',
      );
      await page.getByRole('button', { name: 'Create client' }).click();
      const { clientSecret } = ((await (await answer).json()) as { data: { clientSecret: string } }).data;
      await page.getByText(clientSecret).waitFor();
      await page.mouse.click(5, 5);
      await page.keyboard.press('Escape');
      expect(await page.getByText(clientSecret).isVisible()).toBe(true);
      await page.getByRole('button', { name: 'I have it' }).click();
      await page.getByText(clientSecret).waitFor({ state: 'detached' });
      await page.getByText('build machine', { exact: true }).waitFor();
      expect(await page.content()).not.toContain(clientSecret);

      await page.getByRole('button', { name: 'Delete client' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Delete client' }).click();
      await page.getByText('There are none. With an OAuth client').waitFor();
      expect(await page.getByText('build machine', { exact: true }).count()).toBe(0);
      expect(await platform.rest.call('GET', `/agents/${agent?.id}/oauth-clients`)).toEqual([]);
    });
  });
}
