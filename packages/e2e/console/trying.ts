import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { deployServer } from '../src/platform.ts';
import { startUpstream } from '../src/upstream.ts';

const document = (api: string) => `
flower: "0.1"
id: tried
flows:
  - id: ticket_status
    description: Looks a ticket up by its number.
    inputs:
      properties: { number: { type: integer, description: Ticket number } }
      required: [number]
    steps:
      - id: find
        request:
          method: GET
          url: ${api}/tickets/$inputs.number
          headers: { Authorization: "Bearer $secrets.TICKETS_KEY" }
        outputs: { status: $response.body.status }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { status: $steps.find.outputs.status }
`;

export function describeTrying(using: () => ConsoleInUse): void {
  describe('trying a tool', () => {
    test('runs it at the edge, and shows its outputs and the answer to each step, but no secret', async () => {
      const { platform, page, open } = using();
      const value = 'tried-key-0123456789';
      await using upstream = await startUpstream(({ headers: { authorization } }, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ status: 'open', note: 'for operators', seen: authorization }));
      });
      const server = await deployServer(platform, 'tried', document(upstream.url), {
        TICKETS_KEY: { value, hosts: [upstream.host] },
      });
      await open(`/servers/${server.id}/try`);
      await page.getByLabel('Arguments').fill('{"number": 7}');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByRole('heading', { name: 'Done' }).waitFor();
      await page.getByText('"status": "open"').first().waitFor();
      expect(await page.getByText('for operators').isVisible()).toBe(false);
      await page.getByRole('button', { name: /find.*200/ }).click();
      await page.getByText('for operators').waitFor();
      expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${value}`]);
      expect(await page.content()).not.toContain(value);

      await page.getByRole('button', { name: 'End the debug session' }).click();
      await page.getByRole('heading', { name: 'Done' }).waitFor({ state: 'detached' });
      const path = `/mcp-servers/${server.id}/debug-sessions`;
      const sessions = await platform.rest.call<{ state: string }[]>('GET', path);
      expect(sessions?.map(({ state }) => state)).toEqual(['ended']);
    });

    test('says what is wrong with arguments, and that nothing ran', async () => {
      const { platform, page, open } = using();
      await deployServer(platform, 'tried-wrongly', document('https://tickets.example.com'), {
        TICKETS_KEY: { value: 'tried-key-0123456789', hosts: ['tickets.example.com'] },
      });
      await open('/servers');
      await page.getByRole('link', { name: 'tried-wrongly' }).click();
      await page.getByRole('tab', { name: 'Try' }).click();
      await page.getByLabel('Arguments').fill('{"number": "seven"}');
      await page.getByRole('button', { name: 'Run', exact: true }).click();
      await page.getByText('No data plane ran it, so there are no steps.').waitFor();
      await page.getByText('invalid_arguments').waitFor();
    });
  });
}
