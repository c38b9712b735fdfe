import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The base URLs of a service process and of its health port. */
export type BalancerTarget = { url: string; healthUrl: string };

const PROBE_MS = 100;

/**
 * Starts a balancer that does what a Kubernetes Service does: new connections go in turn to the targets that are ready,
 * and open connections stay where they are until one side ends them. It does not parse HTTP, so it cannot repeat a
 * request.
 */
export async function startTcpBalancer(targets: readonly BalancerTarget[]): Promise<AsyncDisposable & { url: string }> {
  let ready: BalancerTarget[] = [];
  let turn = 0;
  const probe = async () => {
    const answers = await Promise.all(targets.map(isReady));
    ready = targets.filter((_target, index) => answers[index]);
  };
  await probe();
  const probes = setInterval(() => void probe(), PROBE_MS);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const target = ready[turn++ % ready.length];
    if (target === undefined) return void client.destroy();
    const { hostname, port } = new URL(target.url);
    const upstream = connect({ host: hostname, port: Number(port) });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        open.delete(from);
        to.destroySoon();
      });
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      clearInterval(probes);
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

async function isReady({ healthUrl }: BalancerTarget): Promise<boolean> {
  const answer = await fetch(`${healthUrl}/readyz`).catch(() => undefined);
  return answer?.ok ?? false;
}
