import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { ConsoleInUse } from '../src/console.ts';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer, putSecret } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

export function describeSecrets(using: () => ConsoleInUse): void {
  describe('secrets', () => {
    let upstream: Upstream;
    let server: DeployedServer;
    let count = 0;
    beforeAll(async () => {
      upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json').end('{"ok":true}');
      });
    });
    beforeEach(async () => {
      count += 1;
      server = await deployServer(using().platform, `console-secrets-${count}`, documentOf(upstream));
    }, 30_000);
    afterAll(async () => {
      await upstream?.[Symbol.asyncDispose]();
    });

    const open = (search = '') => using().open(`/servers/${server.id}/secrets${search}`);
    const storeKey = (value: string) =>
      putSecret(using().platform, server.id, 'KEY', { value, hosts: [upstream.host] });
    /** Returns what the upstream receives when the tool is called. */
    async function send(): Promise<string | undefined> {
      const before = upstream.requests.length;
      await callPlainly(using().platform, server.id, 'send_it');
      const body = upstream.requests[before]?.body;
      return body === undefined ? undefined : JSON.parse(body).key;
    }

    test('a secret that a tool needs and nobody has set is named, with a link to where it is set', async () => {
      const { page } = using();
      await using().open(`/servers/${server.id}/tools`);
      const alert = page.getByRole('alert').filter({ hasText: 'Not all secrets are set' });
      await alert.getByText('KEY is used by send_it').waitFor();
      await alert.getByRole('link', { name: 'KEY' }).click();
      await page.getByRole('textbox', { name: 'Value' }).fill('canary');
      await page.getByRole('button', { name: `Add ${upstream.host}` }).click();
      await page.getByRole('button', { name: 'Encrypt and store' }).click();
      await page.getByRole('cell', { name: upstream.host }).waitFor();
      await alert.waitFor({ state: 'hidden' });
      expect(await send()).toBe('canary');
    }, 60_000);

    test('a typed value reaches the upstream, and nobody else can read it once it leaves the browser', async () => {
      const { page, owner } = using();
      const sentBefore = owner.sent.length;
      await open();
      await page.getByRole('button', { name: 'Set a secret' }).click();
      await page.getByLabel('Name').fill('KEY');
      await page.getByRole('textbox', { name: 'Value' }).fill('first-canary');
      await page.getByRole('combobox', { name: 'Hosts' }).fill('https://Elsewhere.example/v1');
      await page.getByRole('button', { name: 'Encrypt and store' }).click();
      await page.getByText(`${upstream.host}: step only of send_it`).waitFor();
      expect(await send()).toBeUndefined();

      await page.getByRole('button', { name: 'Set a new value' }).click();
      await page.getByRole('textbox', { name: 'Value' }).fill('second-canary');
      const dialog = page.getByRole('dialog');
      await dialog.getByText('elsewhere.example', { exact: true }).waitFor();
      await page.getByRole('button', { name: `Add ${upstream.host}` }).click();
      await page.getByRole('button', { name: 'Encrypt and store' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await page.getByRole('cell', { name: `elsewhere.example, ${upstream.host}` }).waitFor();
      expect(await page.getByText('Calls fail here').count()).toBe(0);
      expect(await send()).toBe('second-canary');

      const requests = owner.sent.slice(sentBefore);
      expect(requests.filter((line) => line.includes('{"sealed":"'))).toHaveLength(2);
      const sent = requests.join('\n') + (await page.content());
      for (const text of ['first-canary', 'second-canary']) {
        expect(sent).not.toContain(text);
        expect(sent).not.toContain(Buffer.from(text).toString('base64').slice(0, 12));
      }
    }, 60_000);

    test('a refused value does not stay in the form', async () => {
      const { page } = using();
      await storeKey('stored-before');
      await open('?set=KEY');
      const value = page.getByRole('textbox', { name: 'Value' });
      await value.fill('never-stored');
      await page.route('**/secrets/KEY', (route) => route.fulfill({ status: 409, json: { error: REFUSAL } }), {
        times: 1,
      });
      await page.getByRole('button', { name: 'Encrypt and store' }).click();
      await page.getByText(REFUSAL.message).waitFor();
      expect(await value.inputValue()).toBe('');
    }, 60_000);

    test('a pasted key file keeps its line breaks', async () => {
      const file = '-----BEGIN KEY-----\nc2Vjb25k\n-----END KEY-----';
      const { page } = using();
      await storeKey('stored-before');
      await open('?set=KEY');
      await paste(page, file);
      await page.getByRole('button', { name: 'Encrypt and store' }).click();
      await page.getByRole('dialog').waitFor({ state: 'hidden' });
      expect(await send()).toBe(file);
    }, 60_000);

    test('a pinned version is used until it is unpinned, and a deleted secret is used by nobody', async () => {
      const { page } = using();
      for (const value of ['the-older-one', 'the-newer-one']) await storeKey(value);
      await open();
      await page.getByRole('link', { name: 'KEY', exact: true }).click();
      const older = page.getByRole('row').nth(2);
      await older.getByRole('button', { name: /^Pin version/ }).click();
      await confirm(page, /^Pin version/);
      await page.getByText('in use, pinned').waitFor();
      expect(await send()).toBe('the-older-one');
      await page.getByRole('button', { name: 'Unpin' }).click();
      await confirm(page, 'Unpin');
      await page.getByText('in use, pinned').waitFor({ state: 'hidden' });
      expect(await send()).toBe('the-newer-one');
      await page.getByRole('button', { name: 'Delete the secret' }).click();
      await confirm(page, 'Delete the secret');
      await page.getByText('This server has no secrets yet.').waitFor();
      expect(await send()).toBeUndefined();
    }, 60_000);
  });
}

const documentOf = ({ url }: Upstream) => `
flower: "0.1"
id: sender
flows:
  - id: send_it
    description: Sends the secret.
    steps:
      - id: only
        request:
          method: POST
          url: ${url}/x
          body: { key: $secrets.KEY }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { ok: $steps.only.response.body.ok }
`;

const REFUSAL = { code: 'secret_store_read_only', message: 'The secrets here are mounted files' };

/** Confirms the open dialog. */
async function confirm(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('dialog').getByRole('button', { name }).click();
}

/** Pastes text as from the clipboard; a single-line field would join its lines. */
async function paste(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Value' }).evaluate((field, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text', pasted);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}
