import http from 'node:http';
import type { Socket } from 'node:net';
import type { SecretValue } from '@toolplane/service-kit';
import { UpstreamError } from './upstream-error.ts';

const HEADER_BYTES_MAX = 16 * 1024;

export type EgressProxy = {
  /** `http://user:password@host:port` */
  url: SecretValue;
  /** If true, only the proxy resolves names, so the proxy must keep them from leading to internal addresses. */
  resolvesNames: boolean;
};

/** Returns a connection to `host:port` that the proxy has made. Aborting closes it. */
export type OpenTunnel = (host: string, port: number, signal: AbortSignal) => Promise<Socket>;

/**
 * Every request goes through a tunnel (RFC 9110, 9.3.6), including http requests. This distinguishes a refusal of the
 * proxy from a response of the upstream, and the proxy's credentials never appear next to those of a tool.
 */
export function createTunnels(proxyUrl: EgressProxy['url']): OpenTunnel {
  const { hostname, port, username, password } = new URL(proxyUrl.reveal());
  const proxy = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) };
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const own = username === '' && password === '' ? {} : { 'proxy-authorization': authorization };

  return (host, targetPort, signal) => {
    const target = `${host.includes(':') ? `[${host}]` : host}:${targetPort}`;
    const headers = { host: target, ...own };
    return new Promise((resolve, reject) => {
      http
        .request({
          ...proxy,
          method: 'CONNECT',
          path: target,
          headers,
          agent: false,
          maxHeaderSize: HEADER_BYTES_MAX,
          signal,
        })
        .once('connect', ({ statusCode = 0 }, socket: Socket, head) => {
          // Nothing listens for errors yet. If the connection breaks now, its user finds the socket closed.
          socket.on('error', () => {});
          // An upstream sends nothing before it has received something, so the head must be empty.
          if (statusCode >= 200 && statusCode <= 299 && head.length === 0) return resolve(socket);
          socket.destroy();
          reject(refusal(statusCode));
        })
        // The error of Node's client may quote the request.
        .on('error', () => reject(new UpstreamError('upstream_unreachable', 'The proxy does not accept connections')))
        .end();
    });
  };
}

/** Builds the error for a tunnel that the proxy refused; nothing has been sent to the upstream. */
function refusal(status: number): UpstreamError {
  if (status === 403) return new UpstreamError('egress_denied', 'The proxy does not allow requests to this host');
  const reason =
    status === 407 ? 'does not accept the credentials of the data plane' : `answered with status ${status}`;
  return new UpstreamError('upstream_unreachable', `No connection to the upstream: the proxy ${reason}`);
}

/** Returns whether the URL names the host of a proxy with a supported protocol, and no path. */
export function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'http:' || url.hostname === '') return false;
  return url.pathname === '/' && url.search === '' && url.hash === '' && isDecodable(url.username + url.password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
