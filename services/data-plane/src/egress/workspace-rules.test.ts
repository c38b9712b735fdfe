import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError, type EgressRules } from '@toolplane/contracts';
import { localPolicy, openClient, resolveToLoopback, rulesWith } from '../../test/open-client.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import type { HttpClientOptions, UpstreamRequest } from './http-client.ts';

let api: Upstream;
beforeAll(async () => {
  api = await startUpstream((request, response) => {
    const location = new URL(request.url ?? '', 'http://x').searchParams.get('to');
    if (location === null) json({ ok: true })(request, response);
    else response.writeHead(302, { location }).end();
  });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
});
afterEach(() => {
  api.seen.length = 0;
});

async function send(path: string, options: Partial<HttpClientOptions>, request: Partial<UpstreamRequest> = {}) {
  const client = openClient({ resolve: resolveToLoopback, ...options });
  const { signal } = new AbortController();
  const usual = { workspaceId: 'ws', method: 'GET', headers: {}, timeoutMs: 5000, signal } as const;
  try {
    return await client.send({ ...usual, url: `http://api.example.com:${api.port}${path}`, ...request });
  } finally {
    client.close();
  }
}

const withRules = (rules: Partial<EgressRules>): Partial<HttpClientOptions> => ({ rulesOf: () => rulesWith(rules) });
const denied = {
  code: 'egress_denied',
  message: 'Requests to this host are not allowed by the rules of the workspace',
  isSent: false,
};

describe('the rules of a workspace', () => {
  test.each([
    ['a denied host', { denyHosts: ['api.example.com'] }],
    ['a host that is not listed', { allowHosts: ['*.other.com'] }],
    ['another port', { allowHosts: ['api.example.com:443'] }],
    ['a host that is both listed and denied', { allowHosts: ['*.example.com'], denyHosts: ['api.example.com'] }],
  ])('%s is refused before a socket is opened', async (_name, rules) => {
    await expect(send('/', withRules(rules))).rejects.toMatchObject(denied);
    expect(api.seen).toEqual([]);
  });

  test('a denied address is not reached in its IPv6 form (B083)', async () => {
    const url = `http://[::ffff:127.0.0.1]:${api.port}/`;
    await expect(send('/', withRules({ denyHosts: ['127.0.0.1'] }), { url })).rejects.toMatchObject({
      code: 'egress_denied',
      isSent: false,
    });
    expect(api.seen).toEqual([]);
  });

  test('a listed host is reached', async () => {
    await expect(send('/', withRules({ allowHosts: ['*.example.com'] }))).resolves.toMatchObject({ status: 200 });
  });

  test('are those of the requesting workspace', async () => {
    const rulesOf = (workspaceId: string) => rulesWith(workspaceId === 'ws' ? { denyHosts: ['*.example.com'] } : {});
    await expect(send('/', { rulesOf })).rejects.toMatchObject(denied);
    await expect(send('/', { rulesOf }, { workspaceId: 'other' })).resolves.toMatchObject({ status: 200 });
  });

  test('apply to every hop of a redirect (T4, B105)', async () => {
    const url = `/?to=${encodeURIComponent(`http://evil.example.com:${api.port}/`)}`;
    await expect(send(url, withRules({ denyHosts: ['evil.example.com'] }))).rejects.toMatchObject({
      ...denied,
      isSent: true,
      isAnswered: true,
    });
    expect(api.seen).toHaveLength(1);
  });

  test('allow nothing that the operator has not allowed (T3)', async () => {
    const rules = withRules({ allowHosts: ['10.0.0.1', 'api.example.com'] });
    await expect(send('/', rules, { url: 'http://10.0.0.1/' })).rejects.toMatchObject({ code: 'egress_denied' });
    const inside = { ...rules, resolve: async () => [{ address: '10.0.0.1', family: 4 }] };
    await expect(send('/', inside)).rejects.toMatchObject({ code: 'egress_denied', isSent: false });
  });
});

describe('without rules nothing is sent', () => {
  test.each([
    [
      'at once',
      () => {
        throw new AppError('config_unavailable', 'No rules');
      },
    ],
    ['later', async () => Promise.reject(new AppError('config_unavailable', 'No rules'))],
  ])('when they cannot be loaded: %s', async (_name, rulesOf) => {
    await expect(send('/', { rulesOf })).rejects.toMatchObject({ code: 'config_unavailable', isSent: false });
    expect(api.seen).toEqual([]);
  });

  test('when they do not arrive in time', async () => {
    const rulesOf = () => new Promise<never>(() => {});
    await expect(send('/', { rulesOf }, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'upstream_timeout',
      isSent: false,
    });
  });

  test('when the call is cancelled before they arrive', async () => {
    const rulesOf = () => new Promise<never>(() => {});
    const signal = AbortSignal.abort();
    await expect(send('/', { rulesOf }, { signal })).rejects.toMatchObject({ code: 'cancelled', isSent: false });
  });
});

describe('the lists of a data plane apply to all workspaces', () => {
  const withHosts = (hosts: { allowHosts?: string[]; denyHosts: string[] }) => ({ policy: { ...localPolicy, hosts } });

  test.each([
    ['denied', { denyHosts: ['*.example.com'] }],
    ['not listed', { allowHosts: ['other.com'], denyHosts: [] }],
  ])('a host that is %s is refused, whatever a workspace says', async (_name, hosts) => {
    const options = { ...withHosts(hosts), ...withRules({ allowHosts: ['api.example.com'] }) };
    await expect(send('/', options)).rejects.toMatchObject({
      code: 'egress_denied',
      isSent: false,
      message: 'Requests to this host are not allowed by the rules of the data plane',
    });
    expect(api.seen).toEqual([]);
  });

  test('a host that they allow is reached', async () => {
    const options = withHosts({ allowHosts: ['api.example.com'], denyHosts: [] });
    await expect(send('/', options)).resolves.toMatchObject({ status: 200 });
  });
});

describe('a request that may be redirected only to some hosts', () => {
  const to = (host: string) => `/?to=${encodeURIComponent(`http://${host}:${api.port}/`)}`;

  test('does not follow a redirect to any other host, even without credentials (T54)', async () => {
    const redirectHosts = ['*.example.com', 'files.example.net'];
    await expect(send(to('evil.example.net'), {}, { redirectHosts })).rejects.toMatchObject({
      code: 'redirect_refused',
      message: expect.stringContaining('add it to the allowed hosts of the server'),
      isAnswered: true,
    });
    expect(api.seen).toHaveLength(1);
    await expect(send(to('files.example.net'), {}, { redirectHosts })).resolves.toMatchObject({ status: 200 });
  });

  test('does not follow a redirect to another port of its own host, if ports are among what is allowed (T54)', async () => {
    const elsewhere = `/?to=${encodeURIComponent('http://api.example.com:1/')}`;
    for (const redirectHosts of [[`api.example.com:${api.port}`], [`*.example.com:${api.port}`]]) {
      await expect(send(elsewhere, {}, { redirectHosts })).rejects.toMatchObject({ code: 'redirect_refused' });
      await expect(send(to('api.example.com'), {}, { redirectHosts })).resolves.toMatchObject({ status: 200 });
    }
    await expect(send(elsewhere, {}, { redirectHosts: ['files.example.net:1'] })).rejects.toMatchObject({
      code: 'upstream_unreachable',
    });
  });

  test('is redirected within its own host', async () => {
    await expect(send(to('api.example.com'), {}, { redirectHosts: [] })).resolves.toMatchObject({ status: 200 });
    await expect(send(to('other.example.com'), {}, { redirectHosts: [] })).rejects.toMatchObject({
      code: 'redirect_refused',
    });
  });
});
