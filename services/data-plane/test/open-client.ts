import type { EgressRules } from '@toolplane/contracts';
import { createAddressGuard } from '../src/egress/address-guard.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../src/egress/http-client.ts';
import type { EgressPolicy } from '../src/egress/url-guard.ts';

/** Lets tests reach servers on 127.0.0.0/8, and no other internal address. */
export const localPolicy: EgressPolicy = {
  addresses: createAddressGuard(['127.0.0.0/8']),
  isHttpAllowed: true,
  ports: 'any',
};

export function rulesWith(rest: Partial<EgressRules> = {}): EgressRules {
  return { version: 1, kind: 'egress', workspaceId: 'ws', revision: 1, denyHosts: [], ...rest };
}

const noRules = rulesWith();

/** Creates a client that allows every workspace to reach 127.0.0.0/8. */
export function openClient(options: Partial<HttpClientOptions> = {}): HttpClient {
  return createHttpClient({ policy: localPolicy, rulesOf: () => noRules, ...options });
}

/** Resolves every name to 127.0.0.1. */
export const resolveToLoopback = async () => [{ address: '127.0.0.1', family: 4 }];
