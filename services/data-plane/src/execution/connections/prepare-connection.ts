import { hash } from 'node:crypto';
import type {
  ConnectionAuthentication,
  ConnectionChain,
  ConnectionRateLimit,
  PlanConnection,
} from '@toolplane/contracts';
import { type NamedTemplate, prepareNamed } from '../named-template.ts';
import { type PreparedRequest, prepareRequest } from '../requests/prepare-request.ts';

/** The connection of a plan, with functions for its expressions. Like the prepared plan, it is made once. */
export type PreparedConnection = Omit<PlanConnection, 'authentication' | 'rateLimits'> & {
  authentication: PreparedAuthentication | undefined;
  rateLimits: readonly ConnectionRateLimit[];
};

export type PreparedAuthentication = Omit<ConnectionAuthentication, 'chains'> & {
  chains: readonly PreparedChain[];
  /** The only field values that exist if the caller sends their own token. */
  defaults: Readonly<Record<string, string>>;
};

export type PreparedChain = {
  id: string;
  ttlMs: number;
  /** Equal in all plans that have the same chain, so that these plans share its values. */
  digest: string;
  steps: readonly { request: PreparedRequest; extract: readonly NamedTemplate[] }[];
};

export function prepareConnection({ authentication, rateLimits = [], ...rest }: PlanConnection): PreparedConnection {
  return {
    ...rest,
    rateLimits,
    authentication: authentication === undefined ? undefined : prepareAuthentication(authentication),
  };
}

function prepareAuthentication({ chains = [], ...rest }: ConnectionAuthentication): PreparedAuthentication {
  const given = [rest.token, rest.basic, rest.fields.map(({ key, default: text }) => [key, text])];
  const defaults = rest.fields.flatMap(({ key, default: text }) => (text === undefined ? [] : [[key, text]]));
  return {
    ...rest,
    chains: chains.map((chain) => prepareChain(chain, given)),
    defaults: Object.fromEntries(defaults),
  };
}

/** `given` is everything else that determines the values that the requests of the chain can name. */
function prepareChain(chain: ConnectionChain, given: unknown): PreparedChain {
  const { id, ttlMs, steps } = chain;
  return {
    id,
    ttlMs,
    digest: hash('sha256', JSON.stringify([chain, given])),
    steps: steps.map(({ request, extract }) => ({
      // Redirects are not followed, because what the request carries is for this host only.
      request: { ...prepareRequest(request), returnsRedirects: true },
      extract: extract.map(prepareNamed),
    })),
  };
}
