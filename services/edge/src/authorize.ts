import type { IncomingMessage } from 'node:http';
import { authenticate } from './callers/authenticate.ts';
import { nameUser } from './callers/name-user.ts';
import type { Principal } from './callers/principal.ts';
import { requireScopes } from './callers/scopes.ts';
import type { MayAsk } from './callers/tokens/access-tokens.ts';
import type { Edge } from './edge.ts';
import { type HostedServer, toHostedServer } from './manifests/hosted-server.ts';
import { findServer } from './policies/find-server.ts';
import { toVisibleServer } from './policies/visible-server.ts';
import { whenKnown } from './when-known.ts';

export type Authorized = { server: HostedServer; principal: Principal };

type AuthorizationParts = Pick<
  Edge,
  | 'addressOf'
  | 'authenticateToken'
  | 'callerLimits'
  | 'pepper'
  | 'requestQueue'
  | 'seenCallers'
  | 'seenUsers'
  | 'snapshot'
>;

/** Returns the caller, and the server as this caller sees it; synchronously if all of it is in memory. */
export function authorize(
  edge: AuthorizationParts,
  request: IncomingMessage,
  idOrSlug: string,
  mayAsk: MayAsk,
): Authorized | Promise<Authorized> {
  return whenKnown(authenticate(request, edge, idOrSlug, mayAsk), (caller) =>
    // A request that will be refused waits, too. A caller without a key is refused after a few requests.
    whenKnown(caller.kind === 'anonymous' ? undefined : edge.requestQueue.enter(caller), () => {
      // Count the request before anything is looked up or recorded about the user that it names.
      if (caller.kind !== 'anonymous') edge.callerLimits.count(caller);
      return whenKnown(findServer(edge.snapshot, caller, idOrSlug), (manifest) => {
        reportCaller(edge, caller);
        return whenKnown(nameUser(edge, caller, request.headers), (principal) => {
          requireScopes(principal);
          return { server: toVisibleServer(toHostedServer(manifest), principal), principal };
        });
      });
    }),
  );
}

/** Reports to the control plane who makes requests, so that unused keys and agents can be found. */
function reportCaller({ seenCallers }: Pick<Edge, 'seenCallers'>, caller: Principal): void {
  if (caller.kind === 'api-key') seenCallers.note('key', caller.keyId);
  if (caller.kind !== 'anonymous' && caller.agentId !== undefined) seenCallers.note('agent', caller.agentId);
}
