import { Resolver } from 'node:dns/promises';
import type { ResolveHost } from './guarded-lookup.ts';
import { UpstreamError } from './upstream-error.ts';

const TRY_MS = 2000;
const TRIES = 2;

/**
 * Resolves names with these servers only, instead of the system's resolver: its hosts file and its search domains are
 * not used. Nothing is cached, whatever the TTL: a response is valid only for the one connection for which it was
 * requested.
 */
export function createResolve(servers: readonly string[]): ResolveHost {
  const resolver = new Resolver({ timeout: TRY_MS, tries: TRIES });
  resolver.setServers(servers);
  return async (hostname) => {
    const found = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const addresses = found.flatMap((answer, index) =>
      answer.status === 'rejected' ? [] : answer.value.map((address) => ({ address, family: index === 0 ? 4 : 6 })),
    );
    if (addresses.length === 0)
      throw new UpstreamError('upstream_unreachable', 'The name of the upstream does not resolve');
    return addresses;
  };
}

/** Accepts `address`, `address:port` and `[address]:port`. */
export function isDnsServer(text: string): boolean {
  try {
    new Resolver().setServers([text]);
    return true;
  } catch {
    return false;
  }
}
