import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ConnectionAuthentication, Json } from '@toolplane/contracts';
import { chainStep, connectedPlan, field, refOf } from '../../../test/connected-plan.ts';
import { type ConnectionServices, createConnectionServices } from '../../../test/connection-services.ts';
import { createMemoryStore } from '../../../test/memory-store.ts';
import { openClient, rulesWith } from '../../../test/open-client.ts';
import { runTool } from '../../../test/run-tool.ts';
import { startCommands } from '../../../test/start-commands.ts';
import { json, startUpstream, type Upstream } from '../../../test/upstream.ts';
import { createDocumentFetcher } from '../../documents/fetch-document.ts';
import type { HttpClient } from '../../egress/http-client.ts';

/** Credentials may belong to an organization, but the egress rules that apply are those of the calling workspace. */

let api: Upstream;
let client: HttpClient;
let asked: string[];
beforeAll(async () => {
  api = await startUpstream(json({ access_token: 'canary-token', token_type: 'Bearer', expires_in: 3600, key: 'k' }));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
beforeEach(() => {
  api.seen.length = 0;
  asked = [];
  client = openClient({
    rulesOf(workspaceId) {
      asked.push(workspaceId);
      return rulesWith({ workspaceId, denyHosts: workspaceId === 'denied' ? ['127.0.0.1'] : [] });
    },
  });
});

const fields = [field('client_id', { isSecret: false }), field('client_secret')];
const authentications = (): Record<string, Partial<ConnectionAuthentication>> => ({
  'a token of client credentials': {
    fields,
    token: { grant: 'client_credentials', tokenUrl: `${api.url}/token`, scopes: [], clientAuth: 'basic' },
  },
  'a sign-in of several requests': {
    fields,
    chains: [{ id: 'login', ttlMs: 1000, steps: [chainStep({ url: `${api.url}/sign-in` }, { key: 'key' })] }],
  },
});

async function openServices() {
  const services = createConnectionServices(client);
  await services.put(refOf('organization'), { fields: { client_id: 'id', client_secret: 'canary-secret' } });
  return services;
}

function call(services: ConnectionServices, name: string, workspaceId: string) {
  const authentication = authentications()[name] ?? {};
  const plan = connectedPlan({ url: `${api.url}/x`, authentication, plan: { workspaceId } });
  return runTool(plan, { services: { ...services, client } });
}

describe.each(['a token of client credentials', 'a sign-in of several requests'])('%s', (name) => {
  test('(B106)', async () => {
    expect(await call(await openServices(), name, 'asks')).toMatchObject({ ok: true });
    expect(asked).toEqual(['asks', 'asks']);
    const outcome = await call(await openServices(), name, 'denied');
    expect(outcome).toMatchObject({ outcome: 'not_started', error: { code: 'egress_denied' } });
    expect(api.seen).toHaveLength(2);
  });

  test('is not shared across workspaces: none gets what its rules forbid, or waits for a denial of another', async () => {
    const services = await openServices();
    const outcomes = await Promise.all(['denied', 'asks', 'denied'].map((it) => call(services, name, it)));
    const denied = { outcome: 'not_started', error: { code: 'egress_denied' } };
    expect(outcomes).toMatchObject([denied, { ok: true }, denied]);
  });
});

test('a document (B106)', async () => {
  const fetch = createDocumentFetcher({ client });
  const asker = { signal: new AbortController().signal, onWait: () => {} };
  await fetch(`${api.url}/openapi.json`, { ...asker, tenant: 'asks' });
  expect(asked).toEqual(['asks']);
  await expect(fetch(api.url, { ...asker, tenant: 'denied' })).rejects.toMatchObject({ code: 'egress_denied' });
});

test('the test of a connection (B106)', async () => {
  const commands = startCommands(createMemoryStore(), { client });
  const test = (workspaceId: string) => {
    const plan = connectedPlan({ url: `${api.url}/x`, authentication: 'none', plan: { workspaceId } });
    return commands.send({ command: 'test_connection', plan } as Json);
  };
  expect(await test('asks')).toMatchObject({ value: { isSuccess: true } });
  expect(await test('denied')).toMatchObject({ value: { isSuccess: false } });
  expect([asked, api.seen.length]).toEqual([['asks', 'denied'], 1]);
});
