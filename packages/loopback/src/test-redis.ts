import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getFreePort } from './ports.ts';

/**
 * The Redis of one test, which can be killed, frozen and started again. It loses its data when it ends unless `appends`
 * is set.
 */
export type TestRedis = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  start(moreArguments?: string[]): Promise<void>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
};

/** Creates a Redis without starting it. */
export async function createTestRedis({ appends = false } = {}): Promise<TestRedis> {
  const port = await getFreePort();
  const folder = mkdtempSync(join(tmpdir(), 'toolplane-redis-'));
  let server: ChildProcess | undefined;

  async function kill(): Promise<void> {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }

  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async start(moreArguments = []) {
      const persistence = appends ? ['--appendonly', 'yes', '--appendfsync', 'always'] : ['--appendonly', 'no'];
      server = spawn(
        process.env['REDIS_SERVER_BIN'] ?? 'redis-server',
        [
          '--port',
          String(port),
          '--bind',
          '127.0.0.1',
          '--dir',
          folder,
          '--save',
          '',
          '--repl-diskless-sync-delay',
          '0',
          ...persistence,
          ...moreArguments,
        ],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      );
      await ready(server);
    },
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startTestRedis(options?: { appends?: boolean }): Promise<TestRedis> {
  const server = await createTestRedis(options);
  await server.start();
  return server;
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('exit', () => reject(new Error('redis-server ended before it was ready')));
    server.stdout?.on('data', (chunk) => {
      if (String(chunk).includes('Ready to accept connections')) resolve();
    });
  });
}
