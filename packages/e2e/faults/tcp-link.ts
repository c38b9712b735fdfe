import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * How a link behaves. `open`: it forwards bytes at once. `slow`: each byte arrives `delayMs` later, in both directions.
 * `cut`: connections break, and new ones are refused. `silent`: connections stay open and new ones are accepted, but no
 * byte arrives (half-open).
 */
export type LinkState = { is: 'open' | 'cut' | 'silent' } | { is: 'slow'; delayMs: number };

export type TcpLink = AsyncDisposable & {
  port: number;
  /** The port of the other end, which is known later than `port`. */
  target: number;
  /** Bytes that a silent link held back are dropped with its connections, as after a failover. */
  set(state: LinkState): void;
};

/** Creates a proxy between a process and the server it connects to, both on this machine. */
export async function createLink(target = 0): Promise<TcpLink> {
  let state: LinkState = { is: 'open' };
  const pairs = new Set<[Socket, Socket]>();
  const server = createServer({ noDelay: true }, (client) => {
    if (state.is === 'cut') return void client.resetAndDestroy();
    const other = connect({ host: '127.0.0.1', port: link.target, noDelay: true });
    const pair: [Socket, Socket] = [client, other];
    pairs.add(pair);
    forward(client, other);
    forward(other, client);
    client.once('close', () => pairs.delete(pair));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function forward(from: Socket, to: Socket): void {
    // The bytes that a slow link holds back. The oldest are sent first, whichever timer fires, so that bytes are never
    // reordered.
    const held: Buffer[] = [];
    const sendOldest = () => {
      const bytes = held.shift();
      if (bytes !== undefined && to.writable) to.write(bytes);
    };
    const end = () => {
      while (held.length > 0) sendOldest();
      to.destroySoon();
    };
    from.on('error', () => to.destroy());
    from.on('data', (bytes) => {
      if (state.is === 'silent') return;
      if (state.is === 'open' && held.length === 0) return void to.write(bytes);
      held.push(bytes);
      setTimeout(sendOldest, state.is === 'slow' ? state.delayMs : 0);
    });
    from.on('close', () => {
      // The bytes that a slow link still holds arrive before the connection ends.
      if (state.is === 'slow') setTimeout(end, state.delayMs);
      else if (state.is !== 'silent') end();
    });
  }

  function breakAll(): void {
    for (const [client, other] of pairs) {
      client.destroy();
      other.destroy();
    }
    pairs.clear();
  }

  const link: TcpLink = {
    port: (server.address() as AddressInfo).port,
    target,
    set(next) {
      if (next.is === 'cut' || state.is === 'silent') breakAll();
      state = next;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      breakAll();
    },
  };
  return link;
}
