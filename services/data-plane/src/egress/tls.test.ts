import https from 'node:https';
import type { AddressInfo } from 'node:net';
import net from 'node:net';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { certificate, privateKey } from '../../test/certificate.ts';
import { createAddressGuard } from './address-guard.ts';
import { createHttpClient } from './http-client.ts';

const trusted = tls.getCACertificates('default');
const server = https.createServer({ cert: certificate, key: privateKey }, (_request, response) => response.end('safe'));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
afterEach(() => tls.setDefaultCACertificates(trusted));

async function request(host: string, port = (server.address() as AddressInfo).port) {
  const client = createHttpClient({
    policy: { addresses: createAddressGuard(['127.0.0.0/8']), isHttpAllowed: false, ports: 'any' },
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  const signal = new AbortController().signal;
  const url = `https://${host}:${port}/?key=sk_canary`;
  try {
    return await client.send({ url, method: 'POST', headers: {}, body: 'x', timeoutMs: 5000, signal });
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

test('a server that speaks no TLS: nothing is sent', async () => {
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
