import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A link to a local port that can be cut silently, as a network does, and redirected. */
export type CuttableLink = AsyncDisposable & {
  readonly url: string;
  /** From now on, nothing passes in either direction, and nobody is notified. */
  cut(): void;
  mend(): void;
  /** Closes the connections; new ones lead to another port. */
  leadTo(port: number): void;
  /** New connections lead to another port, and existing ones stay, as when a name gets another address. */
  rename(port: number): void;
};

export async function openLink(targetPort: number): Promise<CuttableLink> {
  const sockets = new Set<Socket>();
  let port = targetPort;
  let isCut = false;

  const track = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (isCut) socket.pause();
    return socket;
  };
  const server = createServer((near) => {
    const far = track(connect(port, '127.0.0.1'));
    track(near).on('data', (chunk) => far.write(chunk));
    far.on('data', (chunk) => near.write(chunk));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The link has no port');

  return {
    url: `redis://127.0.0.1:${address.port}`,
    cut() {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend() {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    rename(newPort) {
      port = newPort;
    },
    leadTo(newPort) {
      port = newPort;
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
