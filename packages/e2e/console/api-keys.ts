import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRestClient } from '@toolplane/local/rest-client';
import type { ConsoleInUse } from '../src/console.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { type DeployedServer, deployServer } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

export function describeApiKeys(using: () => ConsoleInUse): void {
  describe('API keys', () => {
    let upstream: Upstream;
    let [own, other] = [] as DeployedServer[];
    beforeAll(async () => {
      const { platform } = using();
      upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json').end('{"ok":true}');
      });
      own = await deployServer(platform, 'console-keys', documentOf(upstream));
      other = await deployServer(platform, 'console-keys-other', documentOf(upstream));
    }, 30_000);
    afterAll(async () => {
      await upstream?.[Symbol.asyncDispose]();
    });

    /** The HTTP status of a call with the key; 0 when the status is a success but the call is refused. */
    const statusAt = async (server: DeployedServer | undefined, key: string, tool = 'read_it') => {
      const headers = { 'x-api-key': key };
      const { status, error } = await callPlainly(using().platform, server?.id ?? '', tool, {}, { headers });
      return status === 200 && error !== undefined ? 0 : status;
    };
    /** Returns the key that is shown; the page discards it when the dialog is closed. */
    async function takeKey(): Promise<string> {
      const { page } = using();
      const key = (await page.getByText(/^tp_live_\w+_\w+_\w+$/).textContent()) ?? '';
      // Neither a click outside the dialog nor Escape closes it.
      await page.mouse.click(5, 5);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'I have it' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      expect(await page.content()).not.toContain(key);
      return key;
    }

    test('a new one allows exactly what was chosen, until it is revoked', async () => {
      const { page, open, platform } = using();
      await open('/api-keys');
      await page.getByRole('button', { name: 'New key' }).click();
      await page.getByLabel('Name').fill('console robot');
      await page.getByRole('combobox', { name: 'Servers' }).fill('console-keys');
      await page.getByRole('option', { name: 'console-keys', exact: true }).click();
      await page.getByRole('combobox', { name: 'Tools' }).fill('read_*');
      await page.getByLabel('Expires').selectOption('In 30 days');
      await page.getByRole('button', { name: 'Create key' }).click();
      const key = await takeKey();

      await until(async () => (await statusAt(own, key)) === 200);
      expect(await listToolNames(platform, own?.id ?? '', { headers: { 'x-api-key': key } })).toEqual(['read_it']);
      expect(await statusAt(own, key, 'write_it')).not.toBe(200);
      expect(await statusAt(other, key)).toBe(404);
      const rest = createRestClient(platform.api, key);
      await expect(rest.call('GET', '/mcp-servers')).rejects.toThrow('403');

      await page.getByRole('link', { name: 'console robot' }).click();
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
      await page.getByText('revoked', { exact: true }).waitFor();
      await until(async () => (await statusAt(own, key)) === 401);
      expect(await page.getByRole('button', { name: 'Edit' }).count()).toBe(0);
    }, 60_000);

    test('renaming changes nothing else, and rotating keeps the old one valid for the chosen overlap', async () => {
      const { page, open, platform } = using();
      type Made = { id: string; key: string; permissions: string[]; name: string };
      // The permissions are in another order than in the form.
      const request = { name: 'rotated here', permissions: ['servers:read', 'tools:call'], allowedTools: ['read_*'] };
      const old = await platform.rest.call<Made>('POST', '/api-keys', request);
      if (old === undefined) throw new Error('no key was made');
      await open(`/api-keys?key=${old.id}`);
      await page.getByRole('button', { name: 'Edit' }).click();
      await page.getByLabel('Name').fill('renamed here');
      const patch = page.waitForRequest((sent) => sent.method() === 'PATCH');
      await page.getByRole('button', { name: 'Save' }).click();
      expect((await patch).postDataJSON()).toEqual({ name: 'renamed here' });
      await page.getByRole('heading', { name: 'renamed here', exact: true }).waitFor();

      await page.getByRole('button', { name: 'Rotate' }).click();
      await page.getByLabel('Keep the old key').selectOption('Not at all');
      await page.getByRole('button', { name: 'Create new key' }).click();
      const key = await takeKey();
      await until(async () => (await statusAt(own, key)) === 200);
      await until(async () => (await statusAt(own, old.key)) === 401);
      await page.getByText('expired', { exact: true }).waitFor();
      expect(await statusAt(own, key, 'write_it')).not.toBe(200);
    }, 60_000);

    test('a rotated one links to its successor, and does not offer another rotation', async () => {
      const { page, open, platform } = using();
      const old = await platform.rest.call<{ id: string }>('POST', '/api-keys', { name: 'rotated elsewhere' });
      await open(`/api-keys?key=${old?.id}`);
      await page.getByRole('button', { name: 'Rotate' }).waitFor();
      await platform.rest.call('POST', `/api-keys/${old?.id}/rotate`, { overlapSeconds: 3600 });
      await page.reload();
      await page.getByRole('row', { name: /^Replaced by/ }).waitFor();
      expect(await page.getByRole('button', { name: 'Rotate' }).count()).toBe(0);
      await page
        .getByRole('row', { name: /^Replaced by/ })
        .getByRole('link')
        .click();
      await page.getByRole('row', { name: /^Replaces/ }).waitFor();
      await page.getByRole('button', { name: 'Rotate' }).waitFor();
    }, 60_000);
  });
}

const documentOf = ({ url }: Upstream) => `
flower: "0.1"
id: two-tools
flows:
${['read_it', 'write_it']
  .map(
    (name) => `
  - id: ${name}
    description: Asks the upstream.
    steps:
      - id: only
        request: { method: GET, url: "${url}/${name}" }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { ok: $steps.only.response.body.ok }`,
  )
  .join('')}
`;
