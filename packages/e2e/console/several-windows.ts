import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { signIn } from '../src/people.ts';
import { deployServer } from '../src/platform.ts';
import { startUpstream } from '../src/upstream.ts';

const document = (api: string) => `
flower: "0.1"
id: windows
flows:
  - id: look
    description: Looks.
    steps:
      - id: look
        request: { method: GET, url: "${api}/" }
        outputs: { seen: $response.body.seen }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { seen: $steps.look.outputs.seen }
`;

/** Tests of changes that happen elsewhere while a person has a page open. */
export function describeSeveralWindows(using: () => ConsoleInUse): void {
  describe('several windows', () => {
    test('a debug session that was ended in another window is opened again, without a new sign-in', async () => {
      const { platform, page, open } = using();
      await using upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end('{"seen":"the sea"}');
      });
      const { id } = await deployServer(platform, 'windows', document(upstream.url));
      const path = `/mcp-servers/${id}/debug-sessions`;
      const listSessions = () => platform.rest.call<{ id: string; state: string }[]>('GET', path);
      await open(`/servers/${id}/try`);
      const run = page.getByRole('button', { name: 'Run', exact: true });
      await run.click();
      await page.getByText('the sea').first().waitFor();
      const [session] = (await listSessions()) ?? [];
      await platform.rest.call('DELETE', `${path}/${session?.id}`);

      const again = page.waitForResponse((response) => response.url().endsWith('/debug/look') && response.ok());
      await run.click();
      await again;
      await page.getByRole('heading', { name: 'Done' }).waitFor();
      expect((await listSessions())?.map(({ state }) => state)).toEqual(['open', 'ended']);
      expect(upstream.requests).toHaveLength(2);
      await page.getByRole('button', { name: 'End the debug session' }).click();
      await page.getByRole('button', { name: 'End the debug session' }).waitFor({ state: 'detached' });
    });

    test('a session that was renewed in another window continues here, and one that ended there leads to the sign-in', async () => {
      const { platform, page, open, owner } = using();
      await platform.rest.call('POST', '/mcp-servers', { name: 'signed-in-twice', mode: 'NORMAL' });
      await open('/servers/signed-in-twice/settings');
      await page.getByLabel('Description').fill('Typed before');
      const other = await owner.context.newPage();
      const signOut = async () => {
        await open('/servers', other);
        await other.getByRole('button', { name: 'Ada' }).click();
        await other.getByRole('menuitem', { name: 'Sign out' }).click();
        await other.getByLabel('Password').waitFor();
      };
      await signOut();
      await signIn({ page: other }, 'owner@example.test');
      await other.getByRole('heading', { name: 'MCP servers' }).waitFor();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved').waitFor();
      const server = await platform.rest.call<{ description: string }>('GET', '/mcp-servers/signed-in-twice');
      expect(server?.description).toBe('Typed before');

      await signOut();
      await other.close();
      await page.getByLabel('Description').fill('Typed after');
      await page.getByRole('button', { name: 'Save' }).click();
      await signIn({ page }, 'owner@example.test');
      await page.waitForURL(/\/servers\/signed-in-twice\/settings$/);
      expect(await page.getByLabel('Description').inputValue()).toBe('Typed before');
    });

    test('text typed for one server never appears at another', async () => {
      const { platform, page, open } = using();
      const make = async (name: string) => {
        const made = await platform.rest.call<{ id: string }>('POST', '/mcp-servers', { name, mode: 'NORMAL' });
        return made?.id ?? '';
      };
      const [one, other] = [await make('one-of-two'), await make('other-of-two')];
      // Navigates as a direct link from one page to the other does.
      const goTo = (id: string) =>
        page.evaluate((path) => {
          history.pushState(null, '', path);
          dispatchEvent(new PopStateEvent('popstate'));
        }, `/console/ws_default/servers/${id}/policy`);
      await open(`/servers/${one}/policy`);
      await page.getByRole('button', { name: 'Write a policy' }).waitFor();
      await goTo(other);
      await page.getByRole('heading', { name: 'other-of-two' }).waitFor();
      await page.getByRole('button', { name: 'Write a policy' }).click();
      await page.getByLabel('Policy as JSON').fill('{"unmatched": "deny"}');
      await goTo(one);
      await page.getByRole('heading', { name: 'one-of-two' }).waitFor();
      await page.getByRole('button', { name: 'Write a policy' }).waitFor();
      expect(await page.getByLabel('Policy as JSON').count()).toBe(0);
    });

    test('a save without a network is reported as failed, and not made later', async () => {
      const { platform, page, open, owner } = using();
      await platform.rest.call('POST', '/mcp-servers', { name: 'offline', mode: 'NORMAL' });
      await open('/servers/offline/settings');
      await page.getByLabel('Description').fill('Later');
      await owner.context.setOffline(true);
      try {
        await page.getByRole('button', { name: 'Save' }).click();
        await page.getByRole('alert').getByText('is not responding').waitFor();
      } finally {
        await owner.context.setOffline(false);
      }
      const save = page.waitForResponse((response) => response.request().method() === 'PATCH');
      await page.getByRole('button', { name: 'Save' }).click();
      expect((await save).ok()).toBe(true);
      // The change was saved once, by the second click.
      const server = await platform.rest.call<{ version: number }>('GET', '/mcp-servers/offline');
      expect(server?.version).toBe(2);
    });
  });
}
