import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { callPlainly } from '../src/plain-client.ts';
import { deployServer } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream } from '../src/upstream.ts';

const document = (api: string) => `
flower: "0.1"
id: places
flows:
  - id: get_place
    description: Get a place.
    steps:
      - id: get
        request: { method: GET, url: "${api}/place" }
        outputs: { name: $response.body.name }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { name: $steps.get.outputs.name }
`;

const path = '/workspaces/ws_default/egress';
type Rules = { allowHosts: string[] | null; denyHosts: string[]; version: number };

export function describeEgress(using: () => ConsoleInUse): void {
  /** Restores the earlier rules for the other tests, whatever the outcome of this test. */
  const keepRules = async (): Promise<AsyncDisposable> => {
    const { platform } = using();
    const { allowHosts = null, denyHosts = [] } = (await platform.rest.call<Rules>('GET', path)) ?? {};
    return {
      [Symbol.asyncDispose]: async () => void (await platform.rest.call('PUT', path, { allowHosts, denyHosts })),
    };
  };

  describe('egress rules', () => {
    test('a tool does not reach a denied host until the denial is undone', async () => {
      const { platform, page, open } = using();
      await using _kept = await keepRules();
      await using upstream = await startUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json').end('{"name":"Ostend"}');
      });
      const { id } = await deployServer(platform, 'places-of-console', document(upstream.url));
      const call = async () => {
        const { name, code } = (await callPlainly(platform, id, 'get_place')).result?.structuredContent ?? {};
        return name ?? code;
      };
      await until(async () => (await call()) === 'Ostend');

      await open('/egress');
      const save = page.getByRole('button', { name: 'Save' });
      await page.getByLabel('Denied hosts').fill('https://no.host');
      await save.click();
      await page.getByText(/^https:\/\/no\.host: /).waitFor();
      await page.getByLabel('Denied hosts').fill(`other.example.com\n${upstream.host}`);
      await save.click();
      await page.getByText('Saved; it takes effect within seconds').waitFor();
      await until(async () => (await call()) === 'egress_denied', 5000);
      const seen = upstream.requests.length;
      expect([await call(), upstream.requests.length]).toEqual(['egress_denied', seen]);

      await page.getByLabel('Denied hosts').fill('');
      await save.click();
      await until(async () => (await call()) === 'Ostend', 5000);
    });

    test('whoever saves second loses nothing that they typed, and sees what the other saved', async () => {
      const { platform, page, open } = using();
      await using _kept = await keepRules();
      await open('/egress');
      await page.getByLabel('Denied hosts').fill('mine.example.com');
      await platform.rest.call('PUT', path, { allowHosts: null, denyHosts: ['theirs.example.com'] });
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Somebody else has changed the rules in the meantime').waitFor();
      await page.getByText('theirs.example.com').waitFor();
      expect(await page.getByLabel('Denied hosts').inputValue()).toBe('mine.example.com');
      expect((await platform.rest.call<Rules>('GET', path))?.denyHosts).toEqual(['theirs.example.com']);
      await page.getByRole('button', { name: 'Keep my changes' }).click();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved; it takes effect within seconds').waitFor();
      expect((await platform.rest.call<Rules>('GET', path))?.denyHosts).toEqual(['mine.example.com']);
    });
  });
}
