import type { IncomingMessage } from 'node:http';
import { createNetworks, toPlainAddress } from './networks.ts';

/** The address that a request is of; empty when its connection is gone. */
export type ClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * The client is the peer of the connection, unless that is a trusted proxy: then it is the address in
 * `X-Forwarded-For`, the last one that is not a trusted proxy itself. Anything before it was written by the client and
 * is ignored.
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
