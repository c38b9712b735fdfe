import { createServer } from 'node:net';
import { LocalError } from './local-error.ts';

/** A port that nobody listens on. Asked for by number it is that port, or undefined when it is taken. */
export function findFreePort(wanted = 0): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen({ port: wanted, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : undefined));
    });
  });
}

export async function getFreePort(): Promise<number> {
  const port = await findFreePort();
  if (port === undefined) throw new LocalError('no free port on 127.0.0.1');
  return port;
}
