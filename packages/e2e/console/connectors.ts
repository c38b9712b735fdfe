import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createInstance, putCredential, registerConnector } from '../src/connectors.ts';
import type { ConsoleInUse } from '../src/console.ts';
import { write } from '../src/console-editor.ts';
import { formsOf } from '../src/leaks.ts';
import { callPlainly } from '../src/plain-client.ts';
import { smallConnector } from '../src/small-connector.ts';
import { startTicketApi, type TicketApi } from '../src/ticket-api.ts';
import { until } from '../src/until.ts';

const KEY = 'canary-console-key-<&>"-0123456789';

export function describeConnectors(using: () => ConsoleInUse): void {
  describe('connectors', () => {
    let tickets: TicketApi;
    beforeAll(async () => {
      tickets = await startTicketApi();
      tickets.keys.add(KEY);
    });
    afterAll(async () => {
      await tickets?.[Symbol.asyncDispose]();
    });

    const dialog = () => using().page.getByRole('dialog');

    test('a mistake in a descriptor is shown with its place, and the descriptor is registered once it is corrected', async () => {
      const { page, open } = using();
      await open('/connectors?tab=register');
      const right = descriptorOf('console-desk');
      const wrong = right.replace('"auth_type_ref":"key"', '"auth_type_ref":"keys"');
      await write(page, 'Descriptor', wrong);
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByRole('alert').getByText('nothing was saved').waitFor();
      const problems = page.getByRole('list', { name: 'Problems' }).getByRole('listitem');
      const place = `Line 1, column ${right.indexOf('"key","auth_headers"') + 1}`;
      expect(await problems.first().innerText()).toMatch(new RegExp(`^error\\s+${place}[^]*keys`, 'i'));
      await write(page, 'Descriptor', right);
      // The problems of the previous text have disappeared.
      expect(await problems.count()).toBe(0);
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByText('It can be registered.').waitFor();
      await page.getByRole('button', { name: 'Register' }).click();
      await page.getByText('Connector registered').waitFor();
      await page.getByRole('link', { name: 'console-desk' }).click();
      await page.getByRole('heading', { name: 'console-desk', level: 1 }).waitFor();
    }, 30_000);

    test('an instance signs in with credentials that were sealed in the browser, which sends them nowhere else', async () => {
      const { platform, page, open, owner } = using();
      const sentBefore = owner.sent.length;
      await registerConnector(platform, descriptorOf('console-signed-in'));
      await open('/connectors/console-signed-in');
      await page.getByRole('button', { name: 'New instance' }).click();
      await dialog().getByRole('textbox', { name: 'Name', exact: true }).fill('Console desk');
      await dialog().getByLabel('Host of the API').fill('not a host');
      await dialog().getByRole('button', { name: 'Create instance' }).click();
      // The error is shown at its field.
      await until(async () => (await dialog().getByLabel('Host of the API').getAttribute('aria-invalid')) === 'true');
      await dialog().getByLabel('Host of the API').fill(tickets.host);
      await dialog().getByRole('button', { name: 'Create instance' }).click();
      await page.getByRole('heading', { name: 'Console desk', level: 1 }).waitFor();
      await page.getByText('no credentials', { exact: true }).waitFor();

      await store('canary-wrong-key-0123456789');
      await page.getByRole('button', { name: 'Test the connection' }).click();
      await page.getByText('It does not work').waitFor();
      await page.getByText('The API answered 401.').waitFor();

      await store(KEY);
      await page.getByRole('button', { name: 'Test the connection' }).click();
      await page.getByText('It works').waitFor();
      expect(await page.getByRole('table', { name: 'Credentials' }).getByRole('row').nth(1).textContent()).toContain(
        `api_key${tickets.host}`,
      );

      const href =
        (await page
          .getByRole('link', { name: /^console-signed-in-?\d*$/ })
          .last()
          .getAttribute('href')) ?? '';
      const [, serverId = ''] = /\/servers\/([^/]+)/.exec(href) ?? [];
      expect(serverId).toMatch(/^srv_/);
      await until(async () => {
        const { result } = await callPlainly(platform, serverId, 'me');
        return result !== undefined && result.isError !== true;
      });
      expect(tickets.requestsOf('/api/v1/me').at(-1)?.headers['x-api-key']).toBe(KEY);
      const sent = owner.sent.slice(sentBefore);
      expect(sent.filter((request) => request.includes('"sealed"'))).toHaveLength(2);
      for (const form of Object.values(formsOf(KEY))) expect(sent.join('\n')).not.toContain(form);
      expect(await page.content()).not.toContain('canary');
    }, 60_000);

    test('credentials of a shared instance are offered to those who may set them', async () => {
      const { platform, page, open } = using();
      await registerConnector(platform, descriptorOf('console-shared'));
      const { id, server } = await createInstance(platform, {
        connector: 'console-shared',
        instance_name: 'Shared desk',
        auth_type: 'key',
        workspace: null,
        configuration: { host: tickets.host },
      });
      const offered = async () => {
        await open(`/instances/${id}`);
        await page.getByRole('button', { name: 'Set credentials' }).click();
        await dialog().getByRole('combobox', { name: 'For' }).click();
        await page.getByRole('option').first().waitFor();
        return page.getByRole('option').allTextContents();
      };
      expect(await offered()).toHaveLength(4);
      // Shows the page as a maintainer of another workspace sees it, who does not see its server either.
      await page.route('**/api/v1/session', async (route) => {
        const response = await route.fetch();
        const answer = (await response.json()) as { data: { workspaces: { permissions: string[] }[] } };
        for (const place of answer.data.workspaces) {
          place.permissions = place.permissions.filter((permission) => permission !== 'connectors:write');
        }
        await route.fulfill({ response, json: answer });
      });
      const error = { code: 'not_found', message: 'There is no such server' };
      await page.route(`**/api/v1/mcp-servers/${server.id}`, (route) =>
        route.fulfill({ status: 404, json: { error } }),
      );
      expect(await offered()).toEqual(['Everyone in this workspace']);
      await page.unrouteAll();
    }, 30_000);

    test('what the API promises is shown beside what was measured, and other sections of a descriptor as they are', async () => {
      const { platform, page, open } = using();
      const extra = {
        sla: { availability_percentage: 99.5, latency_ms_p95: 60_000 },
        capabilities: { sync_modes: ['full_refresh'] },
        database_config: { schema: 'desks' },
      };
      await registerConnector(platform, descriptorOf('console-promising', extra));
      await open('/connectors/console-promising');
      await page.getByText('"full_refresh"').waitFor();
      await page.getByText('"schema": "desks"').waitFor();

      const { id, server } = await createInstance(platform, {
        connector: 'console-promising',
        instance_name: 'Promising desk',
        auth_type: 'key',
        configuration: { host: tickets.host },
      });
      const row = (name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });
      await open(`/instances/${id}`);
      await row('Success').getByText('no calls').waitFor();
      await putCredential(
        platform,
        { id },
        {
          scope: 'workspace',
          auth_type: 'key',
          fields: { api_key: KEY },
          hosts: [tickets.host],
        },
      );
      await until(async () => (await callPlainly(platform, server.id, 'me')).result?.isError !== true);
      await callPlainly(platform, server.id, 'me', { unknown: true });
      const shown = async () => {
        await page.reload();
        await row('Success').waitFor();
        return [await row('Success').innerText(), await row('95 % of answers').innerText()];
      };
      await until(async () => /99\.5 % available.* % without an error, of \d+ calls/s.test((await shown())[0] ?? ''));
      expect((await shown())[1]).toMatch(/within 1 min.*within [\d.]+ m?s \(slowest tool: me\)/s);
    }, 60_000);

    test('an instance is deleted with its server, after a confirmation', async () => {
      const { platform, page, open } = using();
      await registerConnector(platform, descriptorOf('console-deleted'));
      const make = (name: string) =>
        createInstance(platform, {
          connector: 'console-deleted',
          instance_name: name,
          auth_type: 'key',
          configuration: { host: tickets.host },
        });
      const made = await make('Console gone');
      await make('Console stayer');
      const read = () => platform.rest.call('GET', `/mcp-servers/${made.server.id}`);
      await open(`/instances/${made.id}?tab=settings`);
      await page.getByRole('button', { name: 'Delete the instance' }).click();
      await dialog().getByText('All of its credentials are deleted').waitFor();
      await dialog().getByRole('button', { name: 'Cancel' }).click();
      await dialog().waitFor({ state: 'hidden' });
      expect(await read()).toBeDefined();
      await page.getByRole('button', { name: 'Delete the instance' }).click();
      await dialog().getByRole('button', { name: 'Delete the instance' }).click();
      await page.getByRole('heading', { name: 'console-deleted', level: 1 }).waitFor();
      expect(await read()).toBeUndefined();
      await page.getByRole('link', { name: 'Console stayer' }).waitFor();
      expect(await page.getByRole('link', { name: 'Console gone' }).count()).toBe(0);
    }, 30_000);

    test('an OpenAPI document becomes a descriptor, and what the descriptor leaves out is reported', async () => {
      const { page, open } = using();
      await open('/connectors?tab=register');
      await page.getByRole('button', { name: 'Import OpenAPI' }).click();
      await dialog().getByLabel('OpenAPI document', { exact: true }).fill(library);
      await dialog().getByRole('combobox', { name: 'Credentials' }).click();
      await page.getByRole('option', { name: 'Bearer token' }).click();
      await dialog().getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('1 operation was imported, 1 skipped.').waitFor();
      expect(await page.getByRole('table', { name: 'Skipped operations' }).textContent()).toContain('DELETE');
      expect(await page.getByRole('textbox', { name: 'Descriptor' }).textContent()).toContain('"type": "bearer"');
      await page.getByRole('button', { name: 'Check' }).click();
      await page.getByText('It can be registered.').waitFor();
    }, 30_000);

    async function store(key: string): Promise<void> {
      const { page } = using();
      await page.getByRole('button', { name: 'Set credentials' }).click();
      await dialog()
        .getByLabel(/^API key/)
        .fill(key);
      const stored = page.waitForResponse((response) => response.request().method() === 'PUT' && response.ok());
      await dialog().getByRole('button', { name: 'Store' }).click();
      await stored;
      await dialog().waitFor({ state: 'hidden' });
    }
  });
}

/** The descriptor of a connector that requires a key and a host. */
function descriptorOf(slug: string, extra: Record<string, unknown> = {}): string {
  const fields = [{ key: 'api_key', label: 'API key', field_type: 'secret', required: true }];
  const url = 'http://{config.host}/api/v1/me';
  const configuration = [{ key: 'host', label: 'Host of the API', field_type: 'string', required: true }];
  const descriptor = JSON.parse(
    smallConnector({
      slug,
      authentication: [{ id: 'key', type: 'api_key', fields, test_endpoint: { url } }],
      operations: { me: { endpoint: url, auth_type_ref: 'key', auth_headers: { 'X-API-Key': '{api_key}' } } },
      extra,
    }),
  );
  return JSON.stringify({ ...descriptor, metadata: { ...descriptor.metadata, configuration } });
}

const library = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Console library', version: '1.0.0', description: 'Books that can be borrowed.' },
  servers: [{ url: 'https://library.example.com' }],
  paths: {
    '/books': {
      get: { operationId: 'list_books', summary: 'List books', responses: { 200: { description: 'Books' } } },
      delete: {
        operationId: 'drop_books',
        summary: 'Drop books',
        deprecated: true,
        responses: { 204: { description: 'Gone' } },
      },
    },
  },
});
