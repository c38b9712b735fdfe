import type { IncomingMessage } from 'node:http';
import { createNetworks, toPlainAddress } from './networks.ts';

/** Returns the address from which a request came, or an empty string if its connection is closed. */
export type ClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * The client is the peer of the connection. If that is a trusted proxy, the client is the last address in
 * `X-Forwarded-For` that is not itself a trusted proxy. Earlier entries may have been written by the client, and are
 * ignored.
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return ({ socket }) => peerOf(socket);
  const trusted = createNetworks(trustedProxies);
  return ({ headers, socket }) => {
    let address = peerOf(socket);
    const named = String(headers['x-forwarded-for'] ?? '').split(',');
    while (trusted.has(address)) {
      const before = toAddress(named.pop() ?? '');
      if (before === '') return address;
      address = before;
    }
    return address;
  };
}

function peerOf({ remoteAddress }: IncomingMessage['socket']): string {
  return toPlainAddress(remoteAddress ?? '');
}

/** Some proxies also write the port. */
function toAddress(entry: string): string {
  const text = entry.trim();
  const [, bracketed, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return toPlainAddress(bracketed ?? v4 ?? text);
}
