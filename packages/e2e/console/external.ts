import { describe, expect, test } from '@jest/globals';
import { startGuardedServer } from '@toolplane/loopback/guarded-server';
import type { ConsoleInUse } from '../src/console.ts';
import { startModernExternal } from '../src/external-servers.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { putSecret } from '../src/platform.ts';
import { until } from '../src/until.ts';

type Shown = {
  name: string;
  checkedAt: string | null;
  headerNames: string[];
  maxOutputBytes: number;
  authorization: { state: string };
  reviewed: object[];
};

export function describeExternal(using: () => ConsoleInUse): void {
  /**
   * Creates a server that is deleted at the end of the test: its external servers no longer exist by then, and would be
   * polled forever.
   */
  const make = async (name: string, url?: string) => {
    const { rest } = using().platform;
    const external = url === undefined ? {} : { externalMcpConfigs: [{ name: 'guests', url, tools: ['*'] }] };
    const body = { name, mode: 'NORMAL', ...external };
    const { id = '' } = (await rest.call<{ id: string }>('POST', '/mcp-servers', body)) ?? {};
    const remove = async () => void (await rest.call('DELETE', `/mcp-servers/${id}`));
    return { id, [Symbol.asyncDispose]: remove };
  };
  const show = async (id: string) =>
    (await using().platform.rest.call<{ externalMcpConfigs: Shown[] }>('GET', `/mcp-servers/${id}/config`))
      ?.externalMcpConfigs ?? [];

  describe('external servers', () => {
    test('one is attached with a header whose value leaves the browser sealed, and others stay as they are', async () => {
      const { platform, owner, page, open } = using();
      const value = 'Bearer external-key-0123456789';
      await using external = await startModernExternal();
      await using other = await startModernExternal();
      await using made = await make('attaches');
      const { id } = made;
      await putSecret(platform, id, 'OTHER_KEY', { value: 'other-key-0123456789', hosts: [other.host] });
      const limits = { timeoutMs: 5000, maxOutputBytes: 5000 };
      const settings = { prefix: 'k_', pin: 'strict', allow: [], transport: 'http', ...limits };
      const kept = { name: 'kept', url: other.url, tools: ['greet'], headers: { 'x-key': '$secrets.OTHER_KEY' } };
      const externalMcpConfigs = [{ ...kept, ...settings }];
      await platform.rest.call('PATCH', `/mcp-servers/${id}`, { externalMcpConfigs });
      const [before] = await show(id);

      await open(`/servers/${id}/external`);
      await page.getByRole('button', { name: 'Attach a server' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('Name').fill('kept');
      await form.getByLabel('URL').fill(external.url);
      await form.getByRole('button', { name: 'Add a header' }).click();
      await form.getByRole('textbox', { name: 'Header 1' }).fill('Authorization');
      await form.getByPlaceholder('Bearer …').fill(value);
      await form.getByRole('button', { name: 'Show its tools' }).click();
      await form.getByText('modern-guests 1.0.0. Tools: 3, prompts: 1, resources: 1.').waitFor();
      await form.getByLabel('Only selected tools').check();
      await form.getByLabel('greet').check();
      await form.getByLabel('Largest result').fill('9000');
      await form.getByRole('button', { name: 'Attach', exact: true }).click();
      await form.getByText('Is a duplicate').waitFor();
      await form.getByLabel('Name').fill('guests');
      await form.getByRole('button', { name: 'Attach', exact: true }).click();

      const section = page.getByRole('region', { name: 'guests' });
      await section.getByRole('cell', { name: 'guests__greet' }).waitFor();
      expect(await section.getByRole('rowheader', { name: 'refuse' }).count()).toBe(0);
      await until(async () => (await listToolNames(platform, id)).length === 2);
      const { result } = await callPlainly(platform, id, 'guests__greet', { name: 'Ada' });
      expect(result?.structuredContent).toEqual({ greeting: 'Good evening, Ada' });
      expect(new Set(external.requests.map(({ headers }) => headers.authorization))).toEqual(new Set([value]));
      const [after, attached] = await show(id);
      expect(attached?.maxOutputBytes).toBe(9000);
      expect({ ...after, checkedAt: '' }).toEqual({ ...before, checkedAt: '' });
      expect(other.requests.at(-1)?.headers['x-key']).toBe('other-key-0123456789');
      const sent = owner.sent.join('\n');
      expect(sent).toContain('"headers":{"Authorization":{"sealed":"');
      expect(sent).not.toContain('external-key');
      expect(await page.content()).not.toContain('external-key');

      await page.getByRole('button', { name: 'Detach guests' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Detach' }).click();
      await section.waitFor({ state: 'detached' });
      expect((await show(id)).map(({ name, headerNames }) => [name, headerNames])).toEqual([['kept', ['x-key']]]);
    });

    test('what it offers is changed while it stays attached, with the headers that it has', async () => {
      const { platform, page, open } = using();
      await using external = await startModernExternal();
      await using made = await make('edits');
      const { id } = made;
      await putSecret(platform, id, 'KEY', { value: 'edited-key-0123456789', hosts: [external.host] });
      const guests = { name: 'guests', url: external.url, tools: ['*'], headers: { 'x-key': '$secrets.KEY' } };
      const settings = { timeoutMs: 5000, transport: 'http' };
      await platform.rest.call('PATCH', `/mcp-servers/${id}`, { externalMcpConfigs: [{ ...guests, ...settings }] });
      const [before] = await show(id);
      await open(`/servers/${id}/external`);
      await page.getByRole('button', { name: 'Edit guests' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('Only named tools').check();
      const names = form.getByRole('combobox', { name: 'Names of its tools' });
      for (const _ of before?.reviewed ?? []) await names.press('Backspace');
      await names.fill('greet');
      await names.press('Enter');
      await form.getByLabel('Prefix').fill('Not a prefix');
      await form.getByLabel('Strict').check();
      await form.getByLabel('Largest result').fill('2000000');
      await form.getByRole('button', { name: 'Save' }).click();
      await until(async () => (await form.getByLabel('Prefix').getAttribute('aria-invalid')) === 'true');
      await form.getByText(/1048576/).waitFor();
      await form.getByLabel('Prefix').fill('at_');
      await form.getByLabel('Largest result').fill('1000');
      await form.getByRole('button', { name: 'Save' }).click();
      await form.waitFor({ state: 'hidden' });
      await page.getByRole('cell', { name: 'at_greet' }).waitFor();
      const [after] = await show(id);
      expect(after).toMatchObject({
        tools: ['greet'],
        prefix: 'at_',
        pin: 'strict',
        allow: ['elicitation'],
        maxOutputBytes: 1000,
        ...settings,
      });
      expect(after?.headerNames).toEqual(before?.headerNames);
      expect(external.requests.at(-1)?.headers['x-key']).toBe('edited-key-0123456789');
    });

    test('a text that names no secret is not sent as a header', async () => {
      const { owner, page, open } = using();
      await using made = await make('names-no-secret');
      const { id } = made;
      await open(`/servers/${id}/external`);
      await page.getByRole('button', { name: 'Attach a server' }).click();
      const form = page.getByRole('dialog');
      await form.getByLabel('Name').fill('guests');
      await form.getByLabel('URL').fill('https://guests.example/mcp');
      await form.getByRole('button', { name: 'Add a header' }).click();
      await form.getByRole('textbox', { name: 'Header 1' }).fill('Authorization');
      await form.getByLabel('Value 1 is').first().click();
      await page.getByRole('option', { name: 'a secret of the server' }).click();
      const value = form.getByPlaceholder('Bearer $secrets.NAME');
      await value.fill('Bearer plain-key-0123456789');
      await form.getByRole('button', { name: 'Attach', exact: true }).click();
      expect(await value.evaluate((field) => field.matches(':invalid'))).toBe(true);
      await value.fill('Bearer $secrets.KEY');
      expect(await value.evaluate((field) => field.matches(':valid'))).toBe(true);
      expect(owner.sent.join('\n')).not.toContain('plain-key');
    });

    test('a tool that its server changed is shown as it was and as it is, and offered as it is once approved', async () => {
      const { platform, page, open } = using();
      await using external = await startModernExternal();
      await using made = await make('approves', external.url);
      const { id } = made;
      await open(`/servers/${id}/external`);
      await page.getByRole('cell', { name: 'guests__greet' }).waitFor();
      external.say('Greets a guest, and says where you live.');
      const changed = page.getByRole('region', { name: 'greet, changed' });
      await changed.getByText('Greets a guest by name.').waitFor();
      await changed.getByText('Greets a guest, and says where you live.').waitFor();
      const describe = async () => {
        const path = `/mcp-servers/${id}/config`;
        type Config = { tools: { name: string; description: string }[] };
        const tools = (await platform.rest.call<Config>('GET', path))?.tools ?? [];
        return tools.find(({ name }) => name === 'guests__greet')?.description;
      };
      expect(await describe()).toBe('Greets a guest by name.');
      await changed.getByRole('button', { name: 'Approve greet' }).click();
      await changed.waitFor({ state: 'detached' });
      expect(await describe()).toBe('Greets a guest, and says where you live.');
    });

    test('a person signs in to one in a separate window, and signs out again', async () => {
      const { owner, page, open } = using();
      await using guarded = await startGuardedServer();
      await using made = await make('signs-in', guarded.url);
      const { id } = made;
      await open(`/servers/${id}/external`);
      const opened = owner.context.waitForEvent('page');
      await page.getByRole('button', { name: 'Sign in' }).click();
      const window = await opened;
      await window.getByText('Connected.').waitFor();
      await window.close();
      await page.getByText('Signed in, for all callers of its tools').waitFor();
      await page.getByRole('cell', { name: 'guests__whoami' }).waitFor();
      await page.getByRole('button', { name: 'Sign out of guests' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Sign out of guests' }).click();
      await page.getByRole('button', { name: 'Sign in' }).waitFor();
      expect((await show(id)).map(({ authorization }) => authorization.state)).not.toContain('signed_in');
    });
  });
}
