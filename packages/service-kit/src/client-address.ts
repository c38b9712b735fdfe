import type { IncomingMessage } from 'node:http';
import { createNetworks, toPlainAddress } from './networks.ts';

/** The address that a request is of; empty when its connection is gone. */
export type ClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Who makes a connection is the client, unless it is a trusted proxy: then it is whom that names in `X-Forwarded-For`, the
 * last one that is no trusted proxy itself. What stands before it was written by the client and counts for nothing.
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

/** Some proxies write the port besides. */
function toAddress(entry: string): string {
  const text = entry.trim();
  const [, bracketed, v4] = /^(?:\[([^\]]+)\](?::\d+)?|([\d.]+):\d+)$/.exec(text) ?? [];
  return toPlainAddress(bracketed ?? v4 ?? text);
}
