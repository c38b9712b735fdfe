import { randomInt } from 'node:crypto';
import { createServer, type ListenOptions, type Server } from 'node:net';

/*
 * These ports are below those that systems assign to outgoing connections and to listeners without a number (32768 on
 * Linux, 49152 elsewhere): the system does not assign a port that is found here to another process before it is
 * listened on.
 */
const FIRST = 15_000;
const COUNT = 17_000;
const TRIES_MAX = 200;

/** Whether nobody listens on this port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = await listen({ port, host: '127.0.0.1', exclusive: true });
  if (server === undefined) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

/**
 * Returns a port that nobody listens on, and that no other process of Toolplane on this machine gets while this process
 * runs.
 */
export async function getFreePort(): Promise<number> {
  const start = randomInt(COUNT);
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = FIRST + ((start + tries) % COUNT);
    if ((await claim(port)) && (await isPortFree(port))) return port;
  }
  throw new Error('no free port on 127.0.0.1');
}

/** Claims the port by a socket name that exists until this process ends; only Linux has such names. */
async function claim(port: number): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  const claimed = await listen({ path: `\0toolplane-port-${port}` });
  claimed?.unref();
  return claimed !== undefined;
}

function listen(options: ListenOptions): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(options, () => resolve(server));
  });
}
