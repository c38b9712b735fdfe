import { createFairRequestQueue } from './callers/fair-request-queue.ts';
import { createAccessTokens } from './callers/tokens/access-tokens.ts';
import { createAskIssuer } from './callers/tokens/ask-issuer.ts';
import { createTaskWatch } from './calls/watch-tasks.ts';
import { createCatalogues } from './catalogue/find-catalogue.ts';
import type { Edge, EdgeParts } from './edge.ts';
import { createServerWatch } from './policies/watch-server.ts';
import { createClientRequests } from './sessions/client-requests.ts';
import { createRunningRequests } from './sessions/running-requests.ts';
import { createSessions } from './sessions/sessions.ts';

/** Creates what this edge has only once, from the parts that `service.ts` opened. */
export function createEdge(parts: EdgeParts): Edge {
  const { cipher, store } = parts;
  const runningRequests = createRunningRequests();
  const clientRequests = createClientRequests();
  // Any edge may receive a cancellation or a response that concerns a request at this edge.
  store.onBroadcast((event) => {
    if (event.kind === 'cancelled') runningRequests.cancel(event.sessionId, event.requestId);
    else clientRequests.settle(event.sessionId, event.message);
  });
  return {
    ...parts,
    runningRequests,
    clientRequests,
    requestQueue: createFairRequestQueue(),
    sessions: createSessions(cipher, store),
    findCatalogue: createCatalogues(parts.snapshot),
    authenticateToken: createAccessTokens({ ...parts, askIssuer: createAskIssuer(parts.calls) }),
    watchTasks: createTaskWatch(parts),
    watchServer: createServerWatch(parts.snapshot, parts.stopping),
    legacyStreams: new Map(),
  };
}
