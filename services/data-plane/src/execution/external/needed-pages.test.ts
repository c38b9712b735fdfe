import { afterAll, beforeEach, expect, test } from '@jest/globals';
import type { Outcome, PlanExternal } from '@toolplane/contracts';
import { externalPlan } from '../../../test/external-plan.ts';
import { answerJson, startMisbehavingServer } from '../../../test/misbehaving-server.ts';
import { client, internalErrors, runTool, type ToolRun } from '../../../test/run-tool.ts';
import { createConnectionPool } from '../../external-mcp/connection-pool.ts';
import { systemClock } from '../clock.ts';

/* Tests servers of 2025-11-25 that refuse a call until a person has opened a page. */

const externalServers = createConnectionPool({ http: client });
const page = { mode: 'url', elicitationId: 'e1', url: 'https://sign.in/here', message: 'Sign\u200b in' };
let elicitations: unknown = [page];
let isOpened = false;
let calls = 0;
const server = await startMisbehavingServer(({ id }, response) => {
  calls += 1;
  const error = { code: -32042, message: 'A page has to be opened', data: { elicitations } };
  answerJson(response, { jsonrpc: '2.0', id, ...(isOpened ? { result: { content: [] } } : { error }) });
});
beforeEach(() => {
  elicitations = [page];
  isOpened = false;
  calls = 0;
});
afterAll(async () => {
  await externalServers.close();
  expect(internalErrors).toEqual([]);
  await server[Symbol.asyncDispose]();
});

const asking = { transport: 'http', era: 'legacy', allow: ['elicitation'] } as const satisfies Partial<PlanExternal>;
function run(rest: ToolRun = {}, to: Partial<PlanExternal> = asking): Promise<Outcome> {
  const plan = externalPlan(server, { kind: 'tool', name: 'anything' }, to);
  return runTool(plan, { clock: systemClock, services: { externalServers }, abilities: ['elicitation.url'], ...rest });
}
async function answer(action: string, { opens = false } = {}): Promise<Outcome> {
  const asked = await run();
  isOpened = opens;
  if (asked.outcome !== 'input_required') throw new Error('it asks nothing');
  const inputResponses = Object.fromEntries(Object.keys(asked.inputRequests).map((key) => [key, { action }]));
  return run({ inputResponses, state: asked.state ?? '' });
}

test('the person is asked to open the page, in cleaned text naming the server, and the call is repeated', async () => {
  expect(await run()).toMatchObject({
    ok: true,
    outcome: 'input_required',
    inputRequests: {
      'needed-page-1': {
        method: 'elicitation/create',
        params: { mode: 'url', url: 'https://sign.in/here', message: 'other: Sign in' },
      },
    },
  });
  calls = 0;
  expect(await answer('accept', { opens: true })).toMatchObject({ ok: true, outcome: 'done', content: [] });
  expect(calls).toBe(2);
});

test('a person who declines is not asked again, and neither is the server', async () => {
  expect(await answer('decline')).toMatchObject({ outcome: 'not_started', error: { code: 'input_declined' } });
  expect(calls).toBe(1);
});

test('a server that still refuses is in error, so that nobody is asked endlessly', async () => {
  expect(await answer('accept')).toMatchObject({ outcome: 'done', error: { code: 'external_server_failed' } });
  expect(calls).toBe(2);
});

test('nobody is sent to a page if the client or the server may not do that, or if the page is invalid', async () => {
  const error = { code: 'external_server_failed' };
  expect(await run({ abilities: ['elicitation'] })).toMatchObject({ outcome: 'done', error });
  expect(await run({}, { ...asking, allow: ['sampling'] })).toMatchObject({ outcome: 'done', error });
  for (const odd of [[], 'none', [5], [{ ...page, url: 'javascript:alert(1)' }], [{ ...page, message: undefined }]]) {
    elicitations = odd;
    expect(await run()).toMatchObject({ ok: false, error });
  }
});
