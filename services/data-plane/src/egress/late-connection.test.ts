import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { certificate, privateKey } from '@toolplane/loopback/certificate';
import { SecretValue } from '@toolplane/service-kit';
import { openClient, resolveToLoopback } from '../../test/open-client.ts';
import { startProxyServer } from '../../test/proxy-server.ts';
import { json, startUpstream } from '../../test/upstream.ts';
import { inCall } from './current-call.ts';
import type { HttpClient } from './http-client.ts';

const trusted = tls.getCACertificates('default');
const seen: string[] = [];
let handshakes = 0;
const secure = https.createServer(
  {
    cert: certificate,
    key: privateKey,
    SNICallback(_name, done) {
      handshakes += 1;
      done(null);
    },
  },
  ({ url = '' }, response) => {
    seen.push(url);
    response.end('safe');
  },
);
const secureUrl = () => `https://api.example.com:${(secure.address() as AddressInfo).port}`;
beforeAll(() => new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => secure.close(resolve)));
beforeEach(() => {
  tls.setDefaultCACertificates([...trusted, certificate]);
  seen.length = 0;
  handshakes = 0;
});
afterEach(() => tls.setDefaultCACertificates(trusted));

const notSent = { code: 'upstream_unreachable', isSent: false };

function post(client: HttpClient, url: string, isStillOwner: () => boolean) {
  const { signal } = new AbortController();
  const request = { workspaceId: 'ws', url, method: 'POST', headers: {}, timeoutMs: 5000, signal } as const;
  return inCall({ organization: 'o', hold: { isStillOwner, confirm: async () => {} } }, () => client.send(request));
}

test('nothing is sent after a TLS handshake during which the process stood still (F3)', async () => {
  const client = openClient({ resolve: resolveToLoopback });
  const closed = once(secure, 'connection').then(([socket]) => once(socket, 'close'));
  await expect(post(client, secureUrl(), () => handshakes === 0)).rejects.toMatchObject(notSent);
  await closed;
  expect({ handshakes, seen }).toEqual({ handshakes: 1, seen: [] });
  client.close();
});

test('calls that were refused after a standstill do not count as failures of their upstream', async () => {
  const client = openClient({ resolve: resolveToLoopback });
  for (let call = 1; call <= 12; call += 1) {
    await expect(post(client, secureUrl(), () => handshakes < call)).rejects.toMatchObject(notSent);
  }
  expect(await post(client, secureUrl(), () => true)).toMatchObject({ status: 200 });
  client.close();
});

test('nothing is sent through a tunnel if the process stood still while it was made (F3)', async () => {
  await using proxy = await startProxyServer();
  await using api = await startUpstream(json({}));
  const url = new SecretValue(`http://127.0.0.1:${proxy.port}`);
  const client = openClient({ resolve: resolveToLoopback, proxy: { url, resolvesNames: false } });
  for (const target of [`http://api.example.com:${api.port}`, secureUrl()]) {
    proxy.seen.length = 0;
    await expect(post(client, target, () => proxy.seen.length === 0)).rejects.toMatchObject(notSent);
    expect(proxy.seen).toHaveLength(1);
  }
  expect([...seen, ...api.seen]).toEqual([]);
  client.close();
});

test('nothing is sent over a kept connection if the process stood still since the call was confirmed (F3)', async () => {
  const client = openClient({ resolve: resolveToLoopback });
  await post(client, `${secureUrl()}/first`, () => true);
  let looks = 0;
  await expect(post(client, `${secureUrl()}/late`, () => looks++ === 0)).rejects.toMatchObject(notSent);
  expect({ handshakes, seen }).toEqual({ handshakes: 1, seen: ['/first'] });
  client.close();
});
