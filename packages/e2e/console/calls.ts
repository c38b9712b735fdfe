import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { connectModern } from '../src/mcp-clients.ts';
import { type DeployedServer, deployServer } from '../src/platform.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

const NAME = 'called-in-console';

export function describeCalls(using: () => ConsoleInUse): void {
  describe('calls', () => {
    let upstream: Upstream;
    let server: DeployedServer;
    beforeAll(async () => {
      // The upstream answers GET requests, and breaks the connection of POST requests.
      upstream = await startUpstream(({ method }, response) => {
        if (method === 'POST') response.destroy();
        else response.writeHead(200, { 'content-type': 'application/json' }).end('{"seats":3}');
      });
      server = await deployServer(using().platform, NAME, definition(upstream.url));
      await using client = await connectModern(`${using().platform.mcp}/mcp/${server.id}`, using().platform.apiKey);
      await client.callTool('look', { day: 'today' });
      await client.callTool('book', { day: 'today' });
      await client.callTool('book', { day: 5 });
    }, 60_000);
    afterAll(async () => {
      await upstream?.[Symbol.asyncDispose]();
    });

    test('are listed with what their outcome means; a filter narrows them, and a link shows one of them to others', async () => {
      const { page, open } = using();
      await open(`/calls?serverId=${NAME}`);
      const rows = page.getByRole('row').filter({ has: page.getByRole('link') });
      // The rows appear automatically, a second or two after the calls have ended.
      await rows.nth(2).waitFor();
      await rows.first().getByText('key bootstrap').waitFor();
      expect(await rows.allInnerTexts()).toEqual([
        expect.stringMatching(/book.*not started.*invalid_arguments.*safe to repeat/is),
        expect.stringMatching(/book.*unknown.*upstream_unreachable.*check before you repeat it/is),
        expect.stringMatching(/look.*done/is),
      ]);

      await page.getByLabel('Outcome').selectOption('Unknown');
      await rows.nth(1).waitFor({ state: 'detached' });
      expect(await rows.innerText()).toContain('upstream_unreachable');
      await rows.getByRole('link').click();
      await page.waitForURL(/[?&]call=/);
      const link = page.url();

      await open('/servers');
      await page.goto(link);
      const details = page.getByRole('dialog', { name: 'Call' });
      await details.getByRole('row', { name: /^Client toolplane-e2e/ }).waitFor();
      await details.getByRole('row', { name: /^day today/ }).waitFor();
      await details.getByText(/ms waiting for upstreams$/).waitFor();
      await details.getByRole('button', { name: 'Close' }).click();
      await details.waitFor({ state: 'detached' });
      expect(await page.getByLabel('Outcome').inputValue()).toBe('unknown');
      expect(await rows.count()).toBe(1);
    }, 60_000);

    test('are counted by tool, and exported as filtered', async () => {
      const { page, open } = using();
      await open(`/calls?view=statistics&serverId=${NAME}`);
      const book = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'book' }) });
      await book.waitFor();
      expect((await book.getByRole('cell').allInnerTexts()).slice(0, 5)).toEqual(['2', '2 (100 %)', '1', '1', '–']);
      await book.getByRole('link').click();
      await page.getByRole('row').nth(2).waitFor();
      const downloading = page.waitForEvent('download');
      await page.getByRole('button', { name: /^Export/ }).click();
      const lines: string[] = [];
      for await (const part of await (await downloading).createReadStream()) lines.push(String(part));
      const codes = lines
        .join('')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).code);
      expect(codes).toEqual(['upstream_unreachable', 'invalid_arguments']);
    }, 60_000);
  });
}

const definition = (url: string) => `
flower: "0.1"
id: seats
flows:
  - id: look
    description: Says which seats are free.
    inputs: { properties: { day: { type: string } } }
    steps:
      - id: ask
        request: { method: GET, url: "${url}/seats" }
        outputs: { seats: $response.body.seats }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { seats: $steps.ask.outputs.seats }
  - id: book
    description: Takes a seat.
    inputs: { properties: { day: { type: string } } }
    analytics: { day: $inputs.day }
    steps:
      - id: send
        request: { method: POST, url: "${url}/seats" }
        outputs: { seats: $response.body.seats }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { seats: $steps.send.outputs.seats }
`;
