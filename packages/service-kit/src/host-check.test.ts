import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { toAppError } from '@toolplane/contracts';
import { setting } from './config.ts';
import { createHostCheck } from './host-check.ts';

/** Sends the lines unchanged to a real server, and returns the result of the check. */
async function ask(publicUrl: string, ...lines: string[]): Promise<string> {
  const check = createHostCheck({ publicUrl, allowedHosts: ['control-plane.internal'] });
  const server = createServer((req, res) => {
    try {
      check(req);
      res.end('served');
    } catch (error) {
      res.end(toAppError(error).code);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`${['GET / HTTP/1.1', ...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  const answer = await text(socket);
  server.close();
  return (
    answer
      .split('\r\n\r\n')[1]
      ?.split('\r\n')
      .find((line) => /[a-z]{3}/.test(line)) ?? ''
  );
}

test.each([
  ['https://api.example.com', 'api.example.com'],
  ['https://api.example.com', 'API.example.com:443'],
  ['https://api.example.com', 'control-plane.internal:8080'],
  ['http://127.0.0.1:8080', 'localhost:8080'],
  ['http://localhost:8080', '[::1]:8080'],
])('at %s, the host %s is served', async (publicUrl, host) => {
  expect(await ask(publicUrl, `Host: ${host}`)).toBe('served');
});

test.each([
  ['https://api.example.com', 'evil.example'],
  ['https://api.example.com', 'api.example.com.evil.example'],
  ['https://api.example.com', 'localhost'],
  ['http://127.0.0.1:8080', 'rebound.evil.example:8080'],
  ['https://api.example.com', 'evil.example@api.example.com'],
  ['https://api.example.com', 'api.example.com/evil.example'],
  ['http://127.0.0.1:8080', ''],
])('at %s, %j is a name that somebody may have rebound to this address (T55)', async (publicUrl, host) => {
  expect(await ask(publicUrl, `Host: ${host}`)).toBe('misdirected_request');
});

test('hosts that are allowed may be written with capitals and ports, and those that never match are refused', () => {
  const hosts = setting.hosts();
  expect(hosts.parse('Internal.example:8443, [::1]:80,localhost')).toEqual(['internal.example', '[::1]', 'localhost']);
  for (const wrong of ['https://internal.example', 'internal.example/path', '::1']) {
    expect(hosts.safeParse(wrong).success).toBe(false);
  }
});

test.each([
  [['Host: api.example.com', 'Host: evil.example']],
  [['host: api.example.com', 'X-Other: a', 'HOST: api.example.com']],
  [['Host: evil.example', 'Host: api.example.com']],
])('%j is refused, because whoever is in front may have checked the other one (T55)', async (lines) => {
  expect(await ask('https://api.example.com', ...lines)).toBe('invalid_request');
});
