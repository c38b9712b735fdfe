import { describe, expect, test } from '@jest/globals';
import { createInstance, putCredential, registerConnector } from '../src/connectors.ts';
import type { ConsoleInUse } from '../src/console.ts';
import { callPlainly } from '../src/plain-client.ts';
import { deployServer } from '../src/platform.ts';
import { smallConnector } from '../src/small-connector.ts';
import { until } from '../src/until.ts';
import { startUpstream } from '../src/upstream.ts';
import { clockDocument } from './clock.ts';

export function describeExternalUsers(using: () => ConsoleInUse): void {
  describe('external users', () => {
    test('a deactivated one is refused over MCP at once while others are not, and is let in again', async () => {
      const { platform, page, open } = using();
      await using upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json').end('{"time":"noon"}');
      });
      const { id } = await deployServer(platform, 'clock-of-users', clockDocument(upstream.url));
      const statusOf = async (user: string) =>
        (await callPlainly(platform, id, 'read_clock', {}, { headers: { 'x-username': user } })).status;
      await open('/external-users');
      await page.getByRole('button', { name: 'New user' }).click();
      await page.getByLabel('Name').fill('con sole');
      await page.getByRole('button', { name: 'Create user' }).click();
      await page.locator('[aria-invalid=true]:focus').waitFor();
      await page.getByLabel('Name').fill('con@sole.test');
      await page.getByRole('button', { name: 'Create user' }).click();
      await page.getByLabel('Search users').fill('sole.test');
      await page.getByRole('link', { name: 'con@sole.test' }).click();
      await until(async () => (await statusOf('con@sole.test')) === 200);

      await page.getByRole('button', { name: 'Deactivate' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
      await page.getByText('deactivated', { exact: true }).waitFor();
      await until(async () => (await statusOf('con@sole.test')) === 403, 3000);
      await until(async () => (await statusOf('con2@sole.test')) === 200, 3000);

      await page.getByRole('button', { name: 'Activate' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Activate' }).click();
      await page.getByText('active', { exact: true }).waitFor();
      await until(async () => (await statusOf('con@sole.test')) === 200, 3000);
    });

    test('unknown names are refused once the setting says so, and let in again', async () => {
      const { platform, page, open } = using();
      await using upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json').end('{"time":"noon"}');
      });
      const { id } = await deployServer(platform, 'clock-of-strangers', clockDocument(upstream.url));
      const statusOf = async (user: string) =>
        (await callPlainly(platform, id, 'read_clock', {}, { headers: { 'x-username': user } })).status;
      try {
        await open('/external-users');
        await page.getByRole('button', { name: 'Refuse unknown names' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Refuse unknown names' }).click();
        await page.getByText('Calls with a user name that is not listed here are refused.').waitFor();
        await until(async () => (await statusOf('stranger@sole.test')) === 404, 3000);
        await page.getByRole('button', { name: 'Accept unknown names' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Accept unknown names' }).click();
        await page.getByText('Calls may use any name.').waitFor();
        await until(async () => (await statusOf('stranger@sole.test')) === 200, 3000);
      } finally {
        await platform.rest.call('PATCH', '/workspaces/ws_default', { unknownUsers: 'create' });
      }
    });

    test('the connections of a user are shown, and after a disconnection calls in that name have no credentials', async () => {
      const { platform, page, open } = using();
      await using upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json').end('{"time":"noon"}');
      });
      const [slug, auth_type] = ['console-things', 'api_key'];
      const fields = [{ key: 'api_key', label: 'API key', field_type: 'secret', required: true }];
      const auth_headers = { 'X-API-Key': '{api_key}' };
      const operations = { look: { endpoint: `${upstream.url}/look`, auth_type_ref: auth_type, auth_headers } };
      await registerConnector(
        platform,
        smallConnector({ slug, authentication: [{ type: auth_type, fields }], operations }),
      );
      const instance = await createInstance(platform, { connector: slug, instance_name: 'things of users', auth_type });
      const subject = 'connected@sole.test';
      const credential = { auth_type, fields: { api_key: 'key-of-connected-0123456789' }, hosts: [upstream.host] };
      await putCredential(platform, instance, { scope: 'user', subject, ...credential });
      const headers = { 'x-username': subject };
      const call = async () => (await callPlainly(platform, instance.server.id, 'look', {}, { headers })).result;
      await until(async () => (await call())?.isError !== true);
      expect(upstream.requests.at(-1)?.headers['x-api-key']).toBe('key-of-connected-0123456789');
      const path = `/external-users/username/${subject}`;
      await until(async () => (await platform.rest.call('GET', path).catch(() => undefined)) !== undefined);

      await open('/external-users');
      await page.getByRole('link', { name: subject }).click();
      await page.getByRole('link', { name: 'things of users' }).waitFor();
      await page.getByRole('button', { name: 'Disconnect' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
      await page.getByText('There are no credentials of this user.').waitFor();
      expect((await call())?.structuredContent['code']).toBe('credentials_missing');
    });
  });
}
