import https from 'node:https';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { certificate, privateKey } from '@toolplane/loopback/certificate';
import { localPolicy, openClient, resolveToLoopback } from '../../test/open-client.ts';

const trusted = tls.getCACertificates('default');
const server = https.createServer({ cert: certificate, key: privateKey }, ({ url }, response) => {
  if (url === '/down') response.writeHead(302, { location: 'http://api.example.com/' }).end();
  else response.end('safe');
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
afterEach(() => tls.setDefaultCACertificates(trusted));

async function request(host: string, port = (server.address() as AddressInfo).port, path = '/?key=sk_canary') {
  const client = openClient({ policy: { ...localPolicy, isHttpAllowed: false }, resolve: resolveToLoopback });
  const signal = new AbortController().signal;
  const url = `https://${host}:${port}${path}`;
  try {
    const request = { workspaceId: 'ws', method: 'GET', headers: {}, timeoutMs: 5000, signal } as const;
    return await client.send({ ...request, url });
  } finally {
    client.close();
  }
}

const insecure = {
  code: 'upstream_unreachable',
  message: 'No secure connection to the upstream: its TLS set-up or certificate is not valid',
  isSent: false,
};

test('a certificate of an unknown authority: nothing is sent', async () => {
  await expect(request('api.example.com')).rejects.toMatchObject(insecure);
});

test('a certificate for another name: nothing is sent', async () => {
  tls.setDefaultCACertificates([...trusted, certificate]);
  await expect(request('other.example.com')).rejects.toMatchObject(insecure);
});

test('a valid certificate is enough', async () => {
  tls.setDefaultCACertificates([...trusted, certificate]);
  expect((await request('api.example.com')).body.toString()).toBe('safe');
});

test('a redirect from https to http is not followed (B105)', async () => {
  tls.setDefaultCACertificates([...trusted, certificate]);
  await expect(request('api.example.com', undefined, '/down')).rejects.toMatchObject({
    code: 'egress_denied',
    message: expect.stringContaining('scheme'),
    isSent: true,
    isAnswered: true,
  });
});

test('a server that closes the connection before the TLS handshake: nothing is sent', async () => {
  const closing = net.createServer((socket) => void socket.on('error', () => {}).destroy());
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  const { port } = closing.address() as AddressInfo;
  await expect(request('api.example.com', port)).rejects.toMatchObject({ code: 'upstream_unreachable', isSent: false });
  await new Promise((resolve) => closing.close(resolve));
});

test('a server without TLS: nothing is sent', async () => {
  const plain = net.createServer((socket) => {
    socket
      .on('error', () => {})
      .resume()
      .end('HTTP/1.1 200 OK\r\n\r\n');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  const { port } = plain.address() as AddressInfo;
  await expect(request('api.example.com', port)).rejects.toMatchObject(insecure);
  await new Promise((resolve) => plain.close(resolve));
});
