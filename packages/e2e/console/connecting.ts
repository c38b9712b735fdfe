import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { deployServer } from '../src/platform.ts';
import { until } from '../src/until.ts';

type Made = { id: string };
type Client = { clientId: string; clientSecret: string };

export function describeConnecting(using: () => ConsoleInUse): void {
  describe('connecting a client', () => {
    /** Returns the text that the page shows for pasting into a client, which is selected in a list. */
    async function pasted(client: string): Promise<string> {
      const { page } = using();
      await page.getByLabel('Client', { exact: true }).selectOption(client);
      const copy = page.getByRole('button', { name: `Copy the settings of ${client}` });
      return page.locator('div', { has: copy }).last().locator('pre').innerText();
    }

    /** Runs the curl command as a person pastes it. Returns the names of the tools that it lists. */
    async function runPasted(env: Record<string, string>): Promise<string[]> {
      const { stdout } = await promisify(execFile)('sh', ['-c', await pasted('curl')], {
        env: { ...process.env, ...env },
      });
      const { result } = JSON.parse(stdout) as { result?: { tools: { name: string }[] } };
      return result?.tools.map(({ name }) => name) ?? [];
    }

    const signIn = () => using().page.getByText('Sign in (OAuth)', { exact: true });

    test('what is pasted lists the tools: with a key, with a token, and with neither of them at a public server', async () => {
      const { platform, page, open } = using();
      const { id } = await deployServer(platform, 'connected-in-console', definition);
      await open(`/servers/${id}/connect`);
      expect(await runPasted({ TOOLPLANE_KEY: platform.apiKey })).toEqual(['greet']);

      await signIn().click();
      expect(await runPasted({ TOOLPLANE_TOKEN: await tokenFor(id) })).toEqual(['greet']);

      await platform.rest.call('PATCH', `/mcp-servers/${id}`, { isPublic: true });
      await open(`/servers/${id}/connect`);
      await page.getByText('This server is public').waitFor();
      expect(await signIn().count()).toBe(0);
      // The edge is notified within a moment that the server needs no key any more.
      await until(async () => (await runPasted({})).includes('greet'));
    }, 60_000);

    test('signing in is offered where somebody issues tokens, and says who', async () => {
      const { platform, page, open } = using();
      const { id } = (await platform.rest.call<Made>('POST', '/mcp-servers', { name: 'issued-in-console' })) ?? {
        id: '',
      };
      await open(`/servers/${id}/connect`);
      await signIn().click();
      await page.getByText('a member of the workspace signs in').waitFor();
      expect(await pasted('Codex')).toBe(`codex mcp add issued-in-console --url ${platform.mcp}/mcp/${id}`);

      const metadata = '**/.well-known/oauth-authorization-server/oauth';
      await page.route(metadata, (route) => route.fulfill({ status: 404 }));
      const asked = page.waitForResponse(metadata);
      await open(`/servers/${id}/connect`);
      await asked;
      expect(await pasted('Codex')).toContain('bearer_token_env_var');
      expect(await signIn().count()).toBe(0);

      // The owner's own issuer replaces the missing one.
      const issuer = 'https://id.example.com';
      await page.route(`**/api/v1/mcp-servers/${id}`, async (route) => {
        const response = await route.fetch();
        const answer = (await response.json()) as { data: object };
        await route.fulfill({ response, json: { ...answer, data: { ...answer.data, oauth: { issuer } } } });
      });
      await open(`/servers/${id}/connect`);
      await signIn().click();
      await page.getByText(`signs in at ${issuer}`).waitFor();
      await page.unrouteAll();
    }, 30_000);

    test('a client that can be configured by a link has one', async () => {
      const { platform, page, open } = using();
      await platform.rest.call('POST', '/mcp-servers', { name: 'linked-in-console', isPublic: true });
      await open('/servers/linked-in-console/connect');
      for (const [client, scheme] of [
        ['Cursor', 'cursor:'],
        ['VS Code', 'vscode:'],
      ] as const) {
        await page.getByLabel('Client', { exact: true }).selectOption(client);
        const href = await page.getByRole('link', { name: `Add to ${client}` }).getAttribute('href');
        expect(new URL(href ?? '').protocol).toBe(scheme);
      }
    });

    /** Gets a token as a program does that has no person who could sign in. */
    async function tokenFor(serverId: string): Promise<string> {
      const { platform } = using();
      const agent = await platform.rest.call<Made>('POST', '/agents', { name: 'connected in the console' });
      const path = `/agents/${agent?.id}/oauth-clients`;
      const client = await platform.rest.call<Client>('POST', path, { name: 'curl' });
      const response = await fetch(`${platform.api}/oauth/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${client?.clientId}:${client?.clientSecret}`)}` },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          resource: `${platform.mcp}/mcp/${serverId}`,
        }),
      });
      return ((await response.json()) as { access_token: string }).access_token;
    }
  });
}

const definition = `flower: "0.1"
id: connected
flows:
  - id: greet
    description: Greets.
    outputs: { said: hello }
    steps: [{ id: look, request: { method: GET, url: "https://api.example.com" } }]
`;
