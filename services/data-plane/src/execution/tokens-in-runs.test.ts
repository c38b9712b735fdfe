import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Plan } from '@toolplane/contracts';
import { planOf } from '../../test/plan.ts';
import { internalErrors, runTool, secretOf } from '../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';

/** Issues tokens at `/token`; all other paths require the newest token and echo it. */
let api: Upstream;
let granted = 0;
const token = () => `canary-token-${granted}`;

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    if (request.url === '/token') {
      granted += 1;
      return json({ access_token: token(), token_type: 'Bearer', expires_in: 3600 })(request, response);
    }
    const isCurrent = request.headers.authorization === `Bearer ${token()}`;
    json({ authorization: request.headers.authorization ?? '' }, isCurrent ? 200 : 401)(request, response);
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.seen.length = 0;
  expect(internalErrors).toEqual([]);
});

const secrets = { CLIENT: secretOf('my-client:canary-client-secret') };

function planWithToken(): Plan {
  const plan = planOf([{ id: 's', url: `${api.url}/x`, headers: { authorization: 'Bearer $secrets.ACCESS' } }], {
    echo: '$steps.s.response.body.authorization',
    status: '$steps.s.response.status',
  });
  const need = { name: 'ACCESS', secret: 'CLIENT', tokenUrl: `${api.url}/token`, scopes: ['read'] };
  return { ...plan, steps: plan.steps.map((step) => ({ ...step, tokens: [need] })) };
}

test('client credentials become a token, which is used for many calls and revealed by none', async () => {
  for (const _call of [1, 2]) {
    const outcome = await runTool(planWithToken(), { secrets });
    expect(outcome).toMatchObject({ ok: true, value: { echo: 'Bearer [secret:ACCESS]', status: 200 } });
    expect(JSON.stringify(outcome)).not.toContain('canary');
  }
  expect(api.seen.filter(({ url }) => url === '/token')).toHaveLength(1);
});

test('a token that the upstream refuses is replaced, and the request sent once more', async () => {
  await runTool(planWithToken(), { secrets });
  granted += 1;
  api.seen.length = 0;
  expect(await runTool(planWithToken(), { secrets })).toMatchObject({ ok: true, value: { status: 200 } });
  expect(api.seen.map(({ url }) => url)).toEqual(['/x', '/token', '/x']);
});

test('the client secret is not sent to a token endpoint that it is not sealed for', async () => {
  const bound = { CLIENT: secretOf('my-client:canary-client-secret', 'other.example.com') };
  expect(await runTool(planWithToken(), { secrets: bound })).toMatchObject({
    ok: false,
    outcome: 'not_started',
    error: { code: 'secret_host_denied' },
  });
  expect(api.seen).toEqual([]);
});
