import { describe, expect, test } from '@jest/globals';
import { openClient } from '../../test/open-client.ts';
import { createAddressGuard } from './address-guard.ts';
import { checkUrl, type EgressPolicy } from './url-guard.ts';

const open: EgressPolicy = { addresses: createAddressGuard([]), isHttpAllowed: true, ports: 'any' };
const production: EgressPolicy = { ...open, isHttpAllowed: false, ports: new Set([443, 8080, 8443]) };
const local: EgressPolicy = { ...open, addresses: createAddressGuard(['127.0.0.0/8', '::1/128']) };

describe('SSRF: the URL alone is enough to refuse it, and no socket is opened (T3)', () => {
  test.each([
    ['B075', ['http://127.0.0.1', 'http://127.255.255.254']],
    ['B076', ['http://2130706433']],
    ['B077', ['http://0x7f.1', 'http://0x7f000001']],
    ['B078', ['http://0177.0.0.1']],
    ['B079', ['http://127.1']],
    ['B080', ['http://0', 'http://0.0.0.0']],
    ['B081', ['http://[::1]']],
    ['B082', ['http://[::]']],
    ['B083', ['http://[::ffff:127.0.0.1]']],
    ['B084', ['http://[::ffff:7f00:1]']],
    ['B085', ['http://[::127.0.0.1]']],
    ['B086', ['http://[::a00:1]']],
    ['B087', ['http://[64:ff9b::7f00:1]']],
    ['B088', ['http://[64:ff9b:1::1]']],
    ['B089', ['http://[2002:7f00:1::]']],
    ['B090', ['http://[2001:0:1::1]']],
    ['B091', ['http://[fe80::1]']],
    ['B092', ['http://[fd00:ec2::254]']],
    ['B093', ['http://169.254.169.254']],
    ['B094', ['http://169.254.170.2', 'http://169.254.170.23']],
    ['B095', ['http://168.63.129.16']],
    ['B096', ['http://100.100.100.200']],
    ['B097', ['http://100.64.0.1']],
    ['B098', ['http://192.0.0.192']],
    ['B099', ['http://198.18.0.1']],
    ['B100', ['http://10.0.0.1', 'http://172.16.0.1', 'http://172.31.255.255', 'http://192.168.0.1']],
    ['B101', ['http://240.0.0.1', 'http://255.255.255.255', 'http://224.0.0.1']],
    [
      'B102',
      [
        'http://localhost',
        'http://LOCALHOST.',
        'http://x.localhost',
        'http://redis',
        'http://x.svc.cluster.local',
        'http://metadata.google.internal',
        'http://control-plane:8080/api/v1',
        'http://edge.toolplane.svc',
      ],
    ],
    [
      'B103',
      [
        'http://①②⑦.⓪.⓪.①',
        'http://１２７．０．０．１',
        'http://127。0。0。1',
        'http://user:pw@api.example.com',
        'http://api.example.com@127.0.0.1',
        'http://api.example.com:6379',
        'ftp://api.example.com',
        'file:///etc/passwd',
        'gopher://api.example.com',
        'data:text/plain,x',
        'unix:/var/run/docker.sock:/info',
        'http://unix:/var/run/docker.sock:/info',
      ],
    ],
  ])('%s: %j', async (_id, urls) => {
    let lookUps = 0;
    const client = openClient({
      policy: { ...open, ports: new Set([80, 443, 8080, 8443]) },
      resolve: async () => {
        lookUps += 1;
        return [];
      },
    });
    const { signal } = new AbortController();
    const request = { workspaceId: 'ws', method: 'GET', headers: {}, timeoutMs: 1000, signal } as const;
    for (const url of urls) {
      await expect(client.send({ ...request, url })).rejects.toMatchObject({ code: 'egress_denied', isSent: false });
    }
    expect(lookUps).toBe(0);
  });
});

describe('production lets through', () => {
  test.each(['https://api.example.com/x', 'https://api.example.com:8443/', 'https://8.8.8.8/'])('%s', (url) => {
    expect(checkUrl(url, production).href).toBe(url);
  });

  test.each([
    ['plain HTTP', 'http://api.example.com', 'scheme'],
    ['other ports', 'https://api.example.com:6379', 'port'],
  ])('but not %s', (_name, url, reason) => {
    expect(() => checkUrl(url, production)).toThrow(`Requests to this URL are not allowed because of its ${reason}`);
  });
});

describe('with loopback as an exception (local mode)', () => {
  test.each(['http://127.0.0.1:4010/x', 'http://localhost:4010/x', 'http://[::1]:4010/x'])('%s passes', (url) => {
    expect(checkUrl(url, local).href).toBe(url);
  });

  test.each(['http://10.0.0.1/', 'http://169.254.169.254/'])('%s is still refused', (url) => {
    expect(() => checkUrl(url, local)).toThrow('address');
  });
});

test('a URL that does not parse is not quoted in the error', () => {
  expect(() => checkUrl('http://exa mple/?key=sk_secret', open)).toThrow(/^The URL of the request is not valid$/);
});
