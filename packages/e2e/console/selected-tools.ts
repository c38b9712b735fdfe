import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { callPlainly, listToolNames } from '../src/plain-client.ts';
import { deployServer } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream } from '../src/upstream.ts';

const document = (api: string) => `
flower: "0.1"
id: rooms-of-selection
flows:
  - id: count_rooms
    description: Counts the rooms of the hotel.
    steps:
      - id: count
        request: { method: GET, url: "${api}/rooms" }
        outputs: { rooms: $response.body.rooms }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { rooms: $steps.count.outputs.rooms }
`;

export function describeSelectedTools(using: () => ConsoleInUse): void {
  describe('tools of other servers', () => {
    test('one is found in the catalogue, offered and called, and a change by somebody else is noticed', async () => {
      const { platform, page, open } = using();
      await using upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ rooms: 12 }));
      });
      const origin = await deployServer(platform, 'origin-of-selection', document(upstream.url));
      const body = { name: 'selects', mode: 'NORMAL' };
      const { id = '' } = (await platform.rest.call<{ id: string }>('POST', '/mcp-servers', body)) ?? {};
      const slug = 'rooms-of-selection.count_rooms';

      await open(`/servers/${id}/selected-tools`);
      await page.getByLabel('Search the catalogue').fill('count_rooms');
      await page.getByRole('button', { name: `Add ${slug}` }).click();
      await page.getByRole('cell', { name: 'count_rooms', exact: true }).waitFor();
      await until(async () => (await listToolNames(platform, id)).includes('count_rooms'));
      const { result } = await callPlainly(platform, id, 'count_rooms');
      expect(result?.structuredContent).toEqual({ rooms: 12 });

      await platform.rest.call('PATCH', `/mcp-servers/${id}`, { description: 'Changed by somebody else' });
      const remove = page.getByRole('button', { name: `Remove ${slug}` });
      await remove.click();
      await page.getByRole('alert').getByText('somebody else has changed the server').waitFor();
      expect(await listToolNames(platform, id)).toEqual(['count_rooms']);
      await remove.click();
      await page.getByText('No tools of other servers are selected.').waitFor();
      await until(async () => (await listToolNames(platform, id)).length === 0);
      for (const made of [id, origin.id]) await platform.rest.call('DELETE', `/mcp-servers/${made}`);
    });

    test('names that are too long for clients are shown with a remedy, until they are shorter', async () => {
      const { platform, page, open } = using();
      const { id } = await deployServer(platform, 'advised', document('https://rooms.example'));
      const rename = (name: string) => platform.rest.call('PATCH', `/mcp-servers/${id}`, { name });
      await rename('a'.repeat(55));
      await open(`/servers/${id}/tools`);
      const advice = page.getByRole('alert').filter({ hasText: 'Some clients refuse names over 64 characters' });
      await advice.getByText('Choose a name of at most 46 characters for the server').waitFor();
      await rename('advised');
      await page.reload();
      await page.getByText('Counts the rooms of the hotel.').waitFor();
      expect(await advice.count()).toBe(0);
      await platform.rest.call('DELETE', `/mcp-servers/${id}`);
    });
  });
}
