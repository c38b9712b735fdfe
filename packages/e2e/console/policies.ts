import { describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { callPlainly } from '../src/plain-client.ts';
import { deployServer } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream } from '../src/upstream.ts';

export function describePolicies(using: () => ConsoleInUse): void {
  describe('policies', () => {
    test('one saved in the console refuses a call over MCP, and its explanation predicts the same', async () => {
      const { platform, page, open } = using();
      await using upstream = await startUpstream((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"time":"noon"}');
      });
      const server = await deployServer(platform, 'guarded', flowOf(upstream.url));
      const outcomeOf = async (amount: number) => {
        const { result } = await callPlainly(platform, server.id, 'pay', { amount });
        return result?.structuredContent['code'] ?? 'done';
      };
      expect(await outcomeOf(5000)).toBe('done');

      await open(`/servers/${server.id}/policy`);
      await page.getByRole('button', { name: 'Write a policy' }).click();
      await page.getByLabel('Policy as JSON').fill(JSON.stringify(POLICY));
      await page.getByRole('button', { name: 'Save the policy' }).click();
      await page.getByRole('row', { name: /^not-much .*refused.*Tools: pay or gone/ }).waitFor();
      await page.getByRole('status').getByText('gone').waitFor();
      await until(async () => (await outcomeOf(5000)) === 'policy_denied');
      expect(await outcomeOf(5)).toBe('done');

      await page.getByRole('combobox', { name: 'Tool' }).click();
      await page.getByRole('option', { name: 'pay' }).click();
      await page.getByRole('combobox', { name: 'Caller' }).click();
      await page.getByRole('option', { name: 'Somebody with an API key' }).click();
      await page.getByLabel('Arguments').fill('{"amount": 5000}');
      await page.getByRole('button', { name: 'Explain' }).click();
      const answer = page.getByRole('status').filter({ hasText: 'The call is' });
      await answer.getByText('The call is refused').waitFor();
      await answer.getByText(/by the rule not-much \(That is too much\)\. The caller sees the tool/).waitFor();
      await page.getByLabel('Arguments').fill('{"amount": 5}');
      expect(await answer.count()).toBe(0);
      await page.getByRole('button', { name: 'Explain' }).click();
      await answer.getByText('The call is allowed').waitFor();
    }, 60_000);

    test('neither what somebody else saved meanwhile nor what was typed is lost unnoticed', async () => {
      const { platform, page, open } = using();
      const server = await platform.rest.call<{ id: string }>('POST', '/mcp-servers', { name: 'edited-by-two' });
      const path = `/mcp-servers/${server?.id}/policy`;
      const ofOther = { id: 'theirs', effect: 'allow' };
      await open(`/servers/${server?.id}/policy`);
      await page.getByRole('button', { name: 'Write a policy' }).click();
      const typed = page.getByLabel('Policy as JSON');
      await typed.fill('{"unmatched": "deny", "rules": [{"id": "mine", "effect": "allow"}]}');
      await platform.rest.call('PUT', path, { policy: { rules: [ofOther] } });
      const save = page.getByRole('button', { name: 'Save the policy' });
      await save.click();
      await page.getByRole('alert').filter({ hasText: 'in the meantime' }).getByText('"id": "theirs"').waitFor();
      expect(await typed.inputValue()).toContain('mine');
      const kept = await platform.rest.call<{ policy: unknown }>('GET', path);
      expect(kept?.policy).toMatchObject({ rules: [ofOther] });

      await page.getByRole('button', { name: 'Keep my changes' }).click();
      await save.click();
      await page.getByRole('row', { name: /^mine/ }).waitFor();
      const replaced = await platform.rest.call<{ policy: unknown; version: number }>('GET', path);
      expect(replaced).toMatchObject({ policy: { unmatched: 'deny', rules: [{ id: 'mine' }] }, version: 2 });
    }, 60_000);
  });
}

const POLICY = {
  rules: [
    {
      id: 'not-much',
      effect: 'deny',
      description: 'That is too much',
      tools: { names: ['pay', 'gone'] },
      arguments: { required: ['amount'], properties: { amount: { minimum: 1000 } } },
    },
  ],
};

const flowOf = (url: string) => `
flower: "0.1"
id: guarded
flows:
  - id: pay
    description: Pays.
    inputs: { properties: { amount: { type: integer } } }
    steps:
      - id: send
        request: { method: GET, url: "${url}/pay" }
        outputs: { time: $response.body.time }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { time: $steps.send.outputs.time }
`;
