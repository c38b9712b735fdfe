import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { certificate, privateKey } from '@toolplane/loopback/certificate';
import { SecretValue } from '@toolplane/service-kit';
import { openClient } from '../../test/open-client.ts';
import { type ProxyServer, startProxyServer } from '../../test/proxy-server.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import { createAddressGuard } from './address-guard.ts';
import type { HttpClient, HttpClientOptions } from './http-client.ts';
import { isProxyUrl } from './proxy-tunnel.ts';

const USER = 'canary-user';
const CANARY = 'canary:p@ss/word';
const CREDENTIALS = Buffer.from(`${USER}:${CANARY}`).toString('base64');
const trusted = tls.getCACertificates('default');

let proxy: ProxyServer;
let api: Upstream;
let names: Record<string, string>;
let client: HttpClient;
const secure = https.createServer({ cert: certificate, key: privateKey }, (_request, response) => response.end('safe'));
beforeAll(async () => {
  api = await startUpstream(json({ ok: true }));
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await new Promise((resolve) => secure.close(resolve));
});
beforeEach(async () => {
  proxy = await startProxyServer();
  names = { 'api.example.com': '127.0.0.1', 'evil.example.com': '127.0.0.2' };
  client = clientVia(proxy.port);
});
afterEach(async () => {
  client.close();
  api.seen.length = 0;
  tls.setDefaultCACertificates(trusted);
  await proxy[Symbol.asyncDispose]();
});

function clientVia(port: number, { userInfo = '', resolvesNames = false } = {}): HttpClient {
  const options: Partial<HttpClientOptions> = {
    policy: { addresses: createAddressGuard(['127.0.0.1/32']), isHttpAllowed: true, ports: 'any' },
    proxy: { url: new SecretValue(`http://${userInfo}127.0.0.1:${port}`), resolvesNames },
    resolve: async (name) => [{ address: names[name] ?? '10.0.0.1', family: 4 }],
  };
  return openClient(options);
}

function send(url: string, via = client) {
  const { signal } = new AbortController();
  return via.send({ workspaceId: 'ws', url, method: 'GET', headers: { 'x-key': 'k' }, timeoutMs: 5000, signal });
}

const failureOf = (sending: Promise<unknown>) =>
  sending.then(
    () => undefined,
    (error: unknown) => error,
  );
const securePort = () => (secure.address() as AddressInfo).port;

describe('through a proxy', () => {
  test('an upstream is reached by its name, over a reused connection', async () => {
    const url = `http://api.example.com:${api.port}`;
    expect(await send(`${url}/a`)).toMatchObject({ status: 200 });
    await send(`${url}/b`);
    expect(proxy.seen).toMatchObject([{ target: `api.example.com:${api.port}` }]);
    expect(api.seen).toMatchObject([{ url: '/a', headers: { 'x-key': 'k' } }, { url: '/b' }]);
  });

  test('the proxy sees no header of a request, and the upstream no header for the proxy', async () => {
    const own = clientVia(proxy.port, { userInfo: `${USER}:${encodeURIComponent(CANARY)}@` });
    await send(`http://127.0.0.1:${api.port}/`, own);
    own.close();
    expect(proxy.seen).toMatchObject([{ headers: { 'proxy-authorization': `Basic ${CREDENTIALS}` } }]);
    expect(proxy.seen[0]?.headers).not.toHaveProperty('x-key');
    expect(JSON.stringify(api.seen)).not.toMatch(/proxy-/i);
  });

  test('TLS ends at the upstream, not at the proxy', async () => {
    tls.setDefaultCACertificates([...trusted, certificate]);
    expect((await send(`https://api.example.com:${securePort()}/`)).body.toString()).toBe('safe');
  });

  test('an untrusted certificate ends the request before anything is sent', async () => {
    await expect(send(`https://api.example.com:${securePort()}/`)).rejects.toMatchObject({
      code: 'upstream_unreachable',
      isSent: false,
      message: expect.stringContaining('certificate'),
    });
  });

  test.each([
    [403, 'egress_denied'],
    [407, 'upstream_unreachable'],
    [502, 'upstream_unreachable'],
    [302, 'upstream_unreachable'],
  ])('a proxy that answers %d: %s, nothing is sent and no credentials are revealed', async (status, code) => {
    proxy.answer(status, `x-note: ${CANARY}\r\nlocation: http://127.0.0.1:${api.port}/\r\n`);
    const own = clientVia(proxy.port, { userInfo: `${USER}:${encodeURIComponent(CANARY)}@` });
    for (const scheme of ['http', 'https']) {
      const error = await failureOf(send(`${scheme}://api.example.com:${api.port}/`, own));
      expect(error).toMatchObject({ code, isSent: false });
      const reported = inspect(error, { depth: 9 });
      for (const text of [USER, CANARY, encodeURIComponent(CANARY), CREDENTIALS]) expect(reported).not.toContain(text);
    }
    own.close();
    expect(api.seen).toEqual([]);
  });

  test('an absent proxy: nothing is sent', async () => {
    const { port } = await startProxyServer().then(async (gone) => {
      await gone[Symbol.asyncDispose]();
      return gone;
    });
    const error = await failureOf(send(`http://api.example.com:${api.port}/`, clientVia(port)));
    expect(error).toMatchObject({ code: 'upstream_unreachable', isSent: false });
  });

  test('a proxy that never answers: nothing is sent', async () => {
    const sockets: net.Socket[] = [];
    const silent = net.createServer((socket) => void sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const own = clientVia((silent.address() as AddressInfo).port);
    const { signal } = new AbortController();
    const request = { workspaceId: 'ws', method: 'GET', headers: {}, timeoutMs: 100, signal } as const;
    const error = await failureOf(own.send({ ...request, url: `http://api.example.com:${api.port}/` }));
    expect(error).toMatchObject({ code: 'upstream_timeout', isSent: false });
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });
});

describe('a proxy gives no access to internal addresses (T3)', () => {
  test.each([
    'http://127.0.0.2',
    'http://169.254.169.254',
    'http://evil.example.com',
    'http://user:pw@api.example.com',
  ])('%s', async (origin) => {
    await expect(send(`${origin}/`)).rejects.toMatchObject({ code: 'egress_denied', isSent: false });
    expect(proxy.seen).toEqual([]);
  });
});

describe('when only the proxy resolves names', () => {
  test('nothing is resolved here', async () => {
    names = {};
    const own = clientVia(proxy.port, { resolvesNames: true });
    expect(await send(`http://api.example.com:${api.port}/`, own)).toMatchObject({ status: 200 });
    own.close();
  });

  test.each(['http://localhost/', 'http://redis/', 'http://metadata.google.internal/', 'http://10.0.0.1/'])(
    '%s is refused here',
    async (url) => {
      const own = clientVia(proxy.port, { resolvesNames: true });
      await expect(send(url, own)).rejects.toMatchObject({ code: 'egress_denied', isSent: false });
      expect(proxy.seen).toEqual([]);
    },
  );
});

test.each([
  ['http://proxy:3128', true],
  ['http://user:p%40ss@proxy.example.com', true],
  ['http://[fd00::1]:3128/', true],
  ['https://proxy:3128', false],
  ['socks5://proxy:1080', false],
  ['http://proxy/path', false],
  ['http://proxy/?a', false],
  ['http://user:%zz@proxy', false],
  ['proxy:3128', false],
])('whether %s is valid as a proxy: %p', (url, isOne) => {
  expect(isProxyUrl(url)).toBe(isOne);
});
