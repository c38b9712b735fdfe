import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ConsoleInUse } from '../src/console.ts';
import { callPlainly } from '../src/plain-client.ts';
import { type DeployedServer, deployServer } from '../src/platform.ts';
import { until } from '../src/until.ts';
import { startUpstream, type Upstream } from '../src/upstream.ts';

const NAME = 'approved-in-console';

export function describeApprovals(using: () => ConsoleInUse): void {
  describe('approvals', () => {
    let upstream: Upstream;
    let server: DeployedServer;

    const pay = async (amount: number) => {
      const { result } = await callPlainly(using().platform, server.id, 'pay', { amount });
      return result?.structuredContent ?? {};
    };
    type Pending = { id: string };
    const listPending = async () => {
      const pending = await using().platform.rest.call<Pending[]>('GET', '/approvals?state=pending&limit=100');
      return pending ?? [];
    };
    /**
     * Makes a call that the policy holds for approval, and waits until it can be decided. Returns the id of its
     * approval.
     */
    const want = async (amount: number) => {
      const before = new Set((await listPending()).map(({ id }) => id));
      await until(async () => (await pay(amount))['code'] === 'approval_required');
      let wanted: Pending | undefined;
      await until(async () => {
        wanted = (await listPending()).find(({ id }) => !before.has(id));
        return wanted !== undefined;
      });
      return wanted?.id;
    };

    beforeAll(async () => {
      upstream = await startUpstream((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"paid":true}');
      });
      const { platform } = using();
      server = await deployServer(platform, NAME, definition(upstream.url));
      const large = { id: 'large', effect: 'approve', approval: { by: 'workspace', validSeconds: 900 } };
      await platform.rest.call('PUT', `/mcp-servers/${server.id}/policy`, { policy: { rules: [large] } });
    }, 60_000);
    afterAll(async () => {
      await upstream?.[Symbol.asyncDispose]();
    });

    test('a held call is approved with a reason, and runs when it is repeated', async () => {
      const { page, open } = using();
      await want(1234);
      const waiting = page.getByLabel(`${(await listPending()).length} waiting`);
      await open('/approvals');
      const held = page.getByRole('article').filter({ hasText: NAME });
      await held.getByText('key bootstrap').waitFor();
      expect(await held.innerText()).toMatch(/pay.*rule large.*amount/s);
      expect(await page.getByRole('main').innerText()).not.toContain('1234');
      await waiting.waitFor();

      await held.getByRole('button', { name: 'Approve' }).click();
      const question = page.getByRole('dialog', { name: 'Approve the call' });
      await question.getByText(/once, within 15 min,/).waitFor();
      await question.getByLabel('Reason').fill('Ada asked me');
      await question.getByRole('button', { name: 'Approve' }).click();
      const decided = page
        .getByRole('region', { name: 'Decided and expired' })
        .getByRole('row')
        .filter({ hasText: NAME });
      await decided.getByText('by you').waitFor();
      expect(await decided.innerText()).toContain('Ada asked me');
      await held.waitFor({ state: 'detached' });
      await waiting.waitFor({ state: 'detached' });
      await until(async () => (await pay(1234))['paid'] === true);
    }, 60_000);

    test('a pending one appears by itself; whoever decides too late is told, and sees what was decided', async () => {
      const { page, open, platform } = using();
      await open('/approvals');
      const held = page.getByRole('article').filter({ hasText: NAME });
      await page.getByText('No calls are waiting.').or(page.getByRole('article')).first().waitFor();
      const id = await want(2000);
      await held.getByRole('button', { name: 'Approve' }).click();
      await platform.rest.call('POST', `/approvals/${id}/deny`, { reason: 'Too much' });
      const question = page.getByRole('dialog');
      await question.getByRole('button', { name: 'Approve' }).click();
      await question.getByRole('alert').getByText('The approval is already denied').waitFor();
      await held.waitFor({ state: 'detached' });
      await question.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('Denied', { exact: true }).click();
      await page.getByRole('row', { name: /by key bootstrap.*Too much/ }).waitFor();
      expect((await pay(2000))['code']).toBe('approval_declined');
    }, 60_000);
  });
}

const definition = (url: string) => `
flower: "0.1"
id: bank
flows:
  - id: pay
    description: Pays an amount.
    inputs: { properties: { amount: { type: integer } } }
    steps:
      - id: send
        request: { method: POST, url: "${url}/payments" }
        outputs: { paid: $response.body.paid }
        actions: [{ when: "$statusCode == 200", do: next }]
    outputs: { paid: $steps.send.outputs.paid }
`;
