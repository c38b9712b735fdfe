import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { generateSealingKeyPair, openSecret } from '@toolplane/sealing';
import { projectFolder } from '../services.ts';

test.each([
  { of: 'the data planes', args: [], path: '/api/v1/sealing-key' },
  { of: 'the data planes of a pool', args: ['--pool', 'eu'], path: '/api/v1/sealing-key?pool=eu' },
])('seal prints what stdin holds, sealed for $of and bound to the hosts', async ({ args, path }) => {
  const { publicKey, privateJwk } = await generateSealingKeyPair();
  const api = createServer((request, response) => {
    const isAsked = request.url === path && request.headers['x-api-key'] === 'key';
    response.writeHead(isAsked ? 200 : 401).end(JSON.stringify({ data: publicKey }));
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const sealed = await runSeal([...args, url, 'key', 'api.example.test'], 'the secret').finally(() => api.close());
  expect(await openSecret(privateJwk, sealed.trim())).toEqual({ value: 'the secret', hosts: ['api.example.test'] });
});

function runSeal(args: string[], input: string): Promise<string> {
  const script = join(projectFolder, 'infra', 'local', 'seal.ts');
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, ['--conditions=toolplane-source', script, ...args], (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(input);
  });
}
