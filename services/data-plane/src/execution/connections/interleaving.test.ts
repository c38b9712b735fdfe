import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ConnectionAuthentication, Plan } from '@toolplane/contracts';
import { chainStep, connectedPlan, field } from '../../../test/connected-plan.ts';
import { createConnectionServices } from '../../../test/connection-services.ts';
import { client, internalErrors, runTool } from '../../../test/run-tool.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';

/** Knows the owner of every key, token and session, and names the owner in its response. */
let api: Upstream;

beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const { authorization = '', 'x-own': own = '' } = request.headers;
    const body = api.seen.at(-1)?.body ?? '';
    const whose = (text: string) => /w\d+u\d+/.exec(text)?.[0] ?? 'nobody';
    // The delay depends on the last digit of the caller's number, so that responses overtake each other.
    const delayMs = (Number(/\d$/.exec(whose(authorization + body))?.[0] ?? 0) * 7) % 10;
    const answer = () => {
      if (request.url === '/token') return json({ access_token: `token-${whose(body)}` })(request, response);
      if (request.url === '/sign-in') return json({ key: `session-${whose(body)}` })(request, response);
      json({ marker: whose(authorization), others: own === authorization })(request, response);
    };
    setTimeout(answer, delayMs);
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});

const fields = [field('client_id', { isSecret: false }), field('client_secret')];

function authentications(): [authorization: string, Partial<ConnectionAuthentication>][] {
  const tokenUrl = `${api.url}/token`;
  const token = { grant: 'client_credentials' as const, tokenUrl, scopes: [], clientAuth: 'body' as const };
  const signIn = chainStep({ url: `${api.url}/sign-in`, body: { secret: '{client_secret}' } }, { key: 'key' });
  return [
    ['Bearer {client_secret}', { fields, ownToken: 'client_secret' }],
    ['Bearer {access_token}', { fields, token, ownToken: 'access_token' }],
    ['Bearer {chain.key}', { fields, chains: [{ id: 'c', ttlMs: 60_000, steps: [signIn] }], ownToken: 'chain.key' }],
  ];
}

test('200 concurrent calls of 20 workspaces with 10 users each: each uses only its own credentials', async () => {
  const services = createConnectionServices(client);
  const callers = Array.from({ length: 200 }, (_, index) => ({ workspace: index % 20, user: Math.floor(index / 20) }));
  const calls = await Promise.all(
    callers.map(async ({ workspace, user }, index) => {
      const marker = `w${workspace}u${user}`;
      const [workspaceId, username] = [`ws${workspace}`, `user${user}`];
      const instance = { ownerId: workspaceId, instanceId: `coi_${workspace}` };
      const [authorization, authentication] = authentications()[index % 3] ?? ['', {}];
      const plan = connectedPlan({
        url: `${api.url}/x`,
        headers: { authorization },
        authentication,
        plan: { workspaceId },
      });
      const ofInstance: Plan = {
        ...plan,
        connection: { ...instance, connector: 'tickets', authentication: { id: 'main', ...authentication, fields } },
      };
      // Every fourth caller sends its own credentials, although others are stored for its user.
      const isOwn = index % 4 === 0;
      const stored = isOwn ? 'w99u99' : marker;
      await services.put(
        { ...instance, scope: 'user', subject: username },
        { fields: { client_id: stored, client_secret: `canary-${stored}` } },
      );
      const own = isOwn ? { upstreamAuthorization: `Bearer own-${marker}` } : {};
      return {
        marker,
        run: () => runTool(ofInstance, { services, caller: { config: {}, username, onlyOwn: true, ...own } }),
      };
    }),
  );
  for (const _round of [1, 2]) {
    const outcomes = await Promise.all(calls.map(({ run }) => run()));
    expect(outcomes).toEqual(
      calls.map(({ marker }) => ({ ok: true, outcome: 'done', value: { result: { marker, others: false } } })),
    );
  }
  expect(internalErrors).toEqual([]);
});
