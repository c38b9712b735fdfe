import { describe, expect, test } from '@jest/globals';
import { createAddressGuard } from './address-guard.ts';
import { checkUrl, type EgressPolicy } from './url-guard.ts';

const open: EgressPolicy = { addresses: createAddressGuard([]), isHttpAllowed: true, ports: 'any' };
const production: EgressPolicy = { ...open, isHttpAllowed: false, ports: new Set([443, 8080, 8443]) };
const local: EgressPolicy = { ...open, addresses: createAddressGuard(['127.0.0.0/8', '::1/128']) };

describe('SSRF: the URL alone gives it away (B075-B103)', () => {
  test.each([
    'http://127.0.0.1',
    'http://2130706433',
    'http://0x7f.1',
    'http://0177.0.0.1',
    'http://127.1',
    'http://0',
    'http://[::1]',
    'http://[::]',
    'http://[::ffff:127.0.0.1]',
    'http://[::ffff:7f00:1]',
    'http://[::127.0.0.1]',
    'http://[::a00:1]',
    'http://[64:ff9b::7f00:1]',
    'http://[64:ff9b:1::1]',
    'http://[2002:7f00:1::]',
    'http://[2001:0:1::1]',
    'http://[fe80::1]',
    'http://[fd00:ec2::254]',
    'http://169.254.169.254',
    'http://169.254.170.2',
    'http://169.254.170.23',
    'http://168.63.129.16',
    'http://100.100.100.200',
    'http://100.64.0.1',
    'http://192.0.0.192',
    'http://198.18.0.1',
    'http://172.16.0.1',
    'http://192.168.0.1',
    'http://10.0.0.1',
    'http://240.0.0.1',
    'http://255.255.255.255',
    'http://224.0.0.1',
    'http://localhost',
    'http://LOCALHOST.',
    'http://x.localhost',
    'http://redis',
    'http://x.svc.cluster.local',
    'http://metadata.google.internal',
    'http://①②⑦.⓪.⓪.①',
    'http://１２７．０．０．１',
    'http://127。0。0。1',
    'http://user:pw@api.example.com',
    'http://api.example.com@127.0.0.1',
    'ftp://api.example.com',
    'file:///etc/passwd',
    'gopher://api.example.com',
    'unix:/var/run/docker.sock:/info',
    'http://unix:/var/run/docker.sock:/info',
    'data:text/plain,x',
  ])('%s', (url) => {
    expect(() => checkUrl(url, open)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(egress_denied|invalid_upstream_request)$/) }),
    );
  });
});

describe('production lets out', () => {
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

describe('with loopback as exception (local mode)', () => {
  test.each(['http://127.0.0.1:4010/x', 'http://localhost:4010/x', 'http://[::1]:4010/x'])('%s passes', (url) => {
    expect(checkUrl(url, local).href).toBe(url);
  });

  test.each(['http://10.0.0.1/', 'http://169.254.169.254/'])('%s still does not', (url) => {
    expect(() => checkUrl(url, local)).toThrow('address');
  });
});

test('a URL that does not parse is not quoted in the error', () => {
  expect(() => checkUrl('http://exa mple/?key=sk_secret', open)).toThrow(/^The URL of the request is not valid$/);
});
