import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

export type TestRedis = AsyncDisposable & { url: string };

/** A Redis of one test file: the names of the queues are fixed, so two data planes on one Redis share their calls. */
export async function startRedis(): Promise<TestRedis> {
  const port = await findFreePort();
  const binary = process.env['REDIS_SERVER_BIN'] ?? 'redis-server';
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(binary, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const line of server.stdout) if (String(line).includes('Ready to accept')) break;
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const ended = once(server, 'exit');
      server.kill('SIGKILL');
      await ended;
    },
  };
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
