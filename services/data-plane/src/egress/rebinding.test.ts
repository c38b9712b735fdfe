import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type DnsServer, startDnsServer } from '../../test/dns-server.ts';
import { localPolicy, openClient } from '../../test/open-client.ts';
import { json, startUpstream, type Upstream } from '../../test/upstream.ts';
import { createAddressGuard } from './address-guard.ts';
import type { HttpClient } from './http-client.ts';
import { createResolve } from './resolve-by-servers.ts';

/*
 * A real DNS server whose owner attacks. 127.0.0.1 stands for an external address, because the operator has made an
 * exception for it; 127.0.0.2 and ::1 are internal.
 */
const OUTSIDE = '127.0.0.1';
const INSIDE = '127.0.0.2';
const denied = expect.objectContaining({ code: 'egress_denied', isSent: false });

let dns: DnsServer;
let outside: Upstream;
let inside: Upstream[];
let client: HttpClient;
beforeAll(async () => {
  dns = await startDnsServer();
  // Each request needs a new connection, and so a DNS lookup.
  outside = await startUpstream(json({}, 200, { connection: 'close' }));
  inside = await Promise.all(
    [INSIDE, '::1'].map((host) => startUpstream(json({ secret: 'inside' }), { host, port: outside.port })),
  );
});
afterAll(async () => {
  for (const started of [dns, outside, ...inside]) await started[Symbol.asyncDispose]();
});
beforeEach(() => {
  client = openClient({
    policy: { ...localPolicy, addresses: createAddressGuard([`${OUTSIDE}/32`]) },
    resolve: createResolve([dns.address]),
  });
  dns.asked.length = 0;
  outside.seen.length = 0;
});
afterEach(() => {
  client.close();
  expect(inside.flatMap(({ seen }) => seen)).toEqual([]);
});

function request(host = 'evil.example.com') {
  const { signal } = new AbortController();
  const url = `http://${host}:${outside.port}/`;
  return client.send({ workspaceId: 'ws', url, method: 'GET', headers: {}, timeoutMs: 5000, signal });
}

describe('DNS rebinding, with TTL 0 (T3, B104)', () => {
  test('a DNS answer that changes between two requests makes the second one refused', async () => {
    dns.answer('evil.example.com', [OUTSIDE], [INSIDE]);
    expect(await request()).toMatchObject({ status: 200 });
    await expect(request()).rejects.toEqual(denied);
    expect(outside.seen).toHaveLength(1);
  });

  test('the connection goes to the address that was checked: a name is resolved once for a connection', async () => {
    dns.answer('evil.example.com', [OUTSIDE], [INSIDE]);
    expect(await request()).toMatchObject({ status: 200 });
    expect(dns.asked.toSorted()).toEqual(['A evil.example.com', 'AAAA evil.example.com']);
  });

  test.each([
    ['only internal', [INSIDE]],
    ['external before internal', [OUTSIDE, INSIDE]],
    ['internal before external', [INSIDE, OUTSIDE]],
    ['A external, AAAA internal', [OUTSIDE, '::1']],
    ['A external, AAAA IPv4-mapped and internal', [OUTSIDE, '::ffff:127.0.0.2']],
    ['cloud metadata', ['169.254.169.254']],
  ])('%s is refused', async (_name, addresses) => {
    dns.answer('evil.example.com', addresses);
    await expect(request()).rejects.toEqual(denied);
    expect(outside.seen).toEqual([]);
  });

  test('a redirect to such a name is refused', async () => {
    dns.answer('evil.example.com', [INSIDE]);
    await using first = await startUpstream((_request, response) => {
      response.writeHead(302, { location: `http://evil.example.com:${outside.port}/` }).end();
    });
    const { signal } = new AbortController();
    const sending = { workspaceId: 'ws', method: 'GET', headers: {}, timeoutMs: 5000, signal } as const;
    await expect(client.send({ ...sending, url: first.url })).rejects.toMatchObject({ code: 'egress_denied' });
  });
});

describe('configured DNS servers', () => {
  test('answer for names that lead to external addresses', async () => {
    dns.answer('api.example.com', [OUTSIDE]);
    expect(await request('api.example.com')).toMatchObject({ status: 200 });
  });

  test('ignore the hosts file: localhost is what they say', async () => {
    await expect(request('localhost')).rejects.toMatchObject({ code: 'upstream_unreachable', isSent: false });
  });

  test('leave a name that they do not know unreachable', async () => {
    await expect(request('lost.example.com')).rejects.toMatchObject({
      code: 'upstream_unreachable',
      message: 'The name of the upstream does not resolve',
      isSent: false,
    });
  });
});
