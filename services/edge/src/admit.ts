import type { IncomingMessage } from 'node:http';
import { authenticate } from './callers/authenticate.ts';
import { nameUser } from './callers/name-user.ts';
import { noteCaller } from './callers/note-caller.ts';
import type { Principal } from './callers/principal.ts';
import { requireScopes } from './callers/scopes.ts';
import type { MayAsk } from './callers/tokens/access-tokens.ts';
import type { Edge } from './edge.ts';
import { type HostedServer, toHostedServer } from './manifests/hosted-server.ts';
import { findServer } from './policies/find-server.ts';
import { toVisibleServer } from './policies/visible-server.ts';
import { whenKnown } from './when-known.ts';

export type Admitted = { server: HostedServer; principal: Principal };

/** Returns the caller, and the server as this caller sees it; synchronously if all of it is in memory. */
export function admit(
  edge: Edge,
  request: IncomingMessage,
  idOrSlug: string,
  mayAsk: MayAsk,
): Admitted | Promise<Admitted> {
  return whenKnown(authenticate(request, edge, idOrSlug, mayAsk), (authenticated) =>
    // Refusing requests takes turns, too. A caller without a key is refused after a few requests.
    whenKnown(authenticated.kind === 'anonymous' ? undefined : edge.requestQueue.take(authenticated), () =>
      admitKnown(edge, request, idOrSlug, authenticated),
    ),
  );
}

function admitKnown(
  edge: Edge,
  request: IncomingMessage,
  idOrSlug: string,
  authenticated: Principal,
): Admitted | Promise<Admitted> {
  // Count the request before anything is looked up or recorded about the user that it names.
  if (authenticated.kind !== 'anonymous') edge.callerLimits.count(authenticated);
  return whenKnown(findServer(edge.snapshot, authenticated, idOrSlug), (manifest) => {
    noteCaller(edge, authenticated);
    return whenKnown(nameUser(edge, authenticated, request.headers), (principal) => {
      requireScopes(principal);
      return { server: toVisibleServer(toHostedServer(manifest), principal), principal };
    });
  });
}
