import type { SecretValue } from '@toolplane/service-kit';
import { createAddressGuard } from './address-guard.ts';
import type { HttpClientOptions } from './http-client.ts';
import { createResolve } from './resolve-by-servers.ts';

/** The usual ports of APIs that use TLS. */
export const USUAL_PORTS: readonly number[] = [443, 8443, 8080];

/** The egress settings as `config.ts` reads them. */
export type EgressSettings = {
  EGRESS_ALLOW_CIDRS: readonly string[];
  EGRESS_DENY_CIDRS: readonly string[];
  EGRESS_ALLOW_HOSTS: readonly string[];
  EGRESS_DENY_HOSTS: readonly string[];
  EGRESS_ALLOW_HTTP: boolean;
  EGRESS_PORTS?: ReadonlySet<number> | 'any' | undefined;
  EGRESS_DNS_SERVERS: readonly string[];
  EGRESS_PROXY_URL?: SecretValue | undefined;
  EGRESS_PROXY_RESOLVES: boolean;
};

/** Returns the options that all HTTP clients of a data plane share. */
export function toEgressOptions(settings: EgressSettings): Pick<HttpClientOptions, 'policy' | 'resolve' | 'proxy'> {
  const { EGRESS_ALLOW_HOSTS: allowHosts, EGRESS_DNS_SERVERS: servers, EGRESS_PROXY_URL: url } = settings;
  const isHttpAllowed = settings.EGRESS_ALLOW_HTTP;
  return {
    policy: {
      addresses: createAddressGuard(settings.EGRESS_ALLOW_CIDRS, settings.EGRESS_DENY_CIDRS),
      isHttpAllowed,
      ports: settings.EGRESS_PORTS ?? new Set([...USUAL_PORTS, ...(isHttpAllowed ? [80] : [])]),
      hosts: { allowHosts: allowHosts.length === 0 ? undefined : allowHosts, denyHosts: settings.EGRESS_DENY_HOSTS },
    },
    resolve: servers.length === 0 ? undefined : createResolve(servers),
    proxy: url === undefined ? undefined : { url, resolvesNames: settings.EGRESS_PROXY_RESOLVES },
  };
}
