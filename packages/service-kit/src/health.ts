import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { collectMetrics } from './metrics/registry.ts';

/** Returns why the process should receive no work, or undefined if it may. */
type ReadinessCheck = () => string | undefined;
export type ReadinessChecks = Record<string, ReadinessCheck>;

/** All reasons not to send work, each with the name of its check. */
export function findReasons(checks: ReadinessChecks): string[] {
  return Object.entries(checks).flatMap(([name, check]) => {
    const reason = check();
    return reason === undefined ? [] : [`${name}: ${reason}`];
  });
}

/**
 * `/livez` answers while the event loop is responsive. `/readyz` lists the reasons not to send work. `/status` shows
 * what runs here and its state. `/metrics` is for Prometheus. This server is for operators: it never shares a port with
 * clients.
 */
export async function startHealthServer(options: {
  host: string;
  port: number;
  checks: ReadinessChecks;
  describe: () => Promise<object>;
}): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/livez') return void response.end('ok\n');
    if (request.url === '/metrics') return void sendMetrics(request, response);
    if (request.url === '/status') return void answerStatus(response, options.describe);
    if (request.url !== '/readyz') return void response.writeHead(404).end();
    const reasons = findReasons(options.checks);
    response.writeHead(reasons.length === 0 ? 200 : 503, { 'content-type': 'text/plain' });
    response.end(reasons.length === 0 ? 'ready\n' : `${reasons.join('\n')}\n`);
  });
  await listen(server, options.port, options.host);
  return server;
}

async function answerStatus(response: ServerResponse, describe: () => Promise<object>): Promise<void> {
  try {
    const status = JSON.stringify(await describe(), null, 2);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(`${status}\n`);
  } catch {
    response.writeHead(500).end();
  }
}

async function sendMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { contentType, text } = await collectMetrics(request.headers.accept);
    response.writeHead(200, { 'content-type': contentType }).end(text);
  } catch {
    // The collector of the metrics counts failed answers itself.
    response.writeHead(500).end();
  }
}

/** Rejects with the system's error if the server cannot listen on the port, instead of leaving it to an event. */
export function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * How long a connection of a client may be idle: longer than the minute for which ingress-nginx and other balancers
 * keep their connections, so that the balancers close them. Otherwise, a request would sometimes meet a connection that
 * has just been closed, and those that must not be sent twice would fail.
 */
export const IDLE_CONNECTION_MS = 65_000;

/** From now on, each answer is the last one on its connection, so that clients reconnect through their balancer. */
export function endKeepAlive(server: Server): void {
  server.prependListener('request', (_request, response) => void response.setHeader('connection', 'close'));
}

const IDLE_SWEEP_MS = 50;

/**
 * Accepts no new connections, closes each existing one as soon as it is idle, and closes the remaining ones after
 * `graceMs`: a client that keeps its connection alive must not keep the process alive.
 */
export function closeServer(server: Server, graceMs = 5000): Promise<void> {
  return new Promise((resolve) => {
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    const giveUp = setTimeout(() => server.closeAllConnections(), graceMs);
    endKeepAlive(server);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(giveUp);
      resolve();
    });
    server.closeIdleConnections();
  });
}
