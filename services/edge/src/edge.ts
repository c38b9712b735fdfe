import type { IncomingMessage } from 'node:http';
import type {
  ApprovalRequestNotes,
  CallLogWriter,
  CallPlaces,
  DecisionNotes,
  EdgeStore,
  PooledCaller,
  RateLimits,
  SeenCallerNotes,
  SeenUserNotes,
  Snapshot,
} from '@toolplane/bus';
import type { Json } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { ClientAddress, Logger, SecretValue } from '@toolplane/service-kit';
import type { AnonymousLimit } from './callers/anonymous-limit.ts';
import type { CallerLimits } from './callers/caller-limits.ts';
import { createFairRequestQueue, type FairRequestQueue } from './callers/fair-request-queue.ts';
import { type AuthenticateToken, createAccessTokens } from './callers/tokens/access-tokens.ts';
import { createAskIssuer } from './callers/tokens/ask-issuer.ts';
import { createTaskWatch, type WatchTasks } from './calls/watch-tasks.ts';
import { createCatalogues, type FindCatalogue } from './catalogue/find-catalogue.ts';
import { createServerWatch, type WatchServer } from './policies/watch-server.ts';
import { type ClientRequests, createClientRequests } from './sessions/client-requests.ts';
import { createRunningRequests, type RunningRequests } from './sessions/running-requests.ts';
import { createSessions, type Sessions } from './sessions/sessions.ts';
import type { OpenStreams } from './transports/open-streams.ts';
import type { UsedOnce } from './use-once.ts';

/** The parts of an edge. */
export type EdgeParts = {
  /** Each call goes to the pool of the server whose plan it runs. */
  readonly calls: Pick<PooledCaller, 'call' | 'describe' | 'find' | 'cancel' | 'goOn'>;
  readonly snapshot: Snapshot;
  readonly store: EdgeStore;
  /** Counts calls for the limits of policies, together with all other edges. */
  readonly callRates: Pick<RateLimits, 'take'>;
  readonly callPlaces: Pick<CallPlaces, 'take' | 'giveBack'>;
  readonly seenCallers: Pick<SeenCallerNotes, 'note'>;
  readonly seenUsers: Pick<SeenUserNotes, 'note'>;
  /** Records policy decisions for the audit log. */
  readonly decisions: Pick<DecisionNotes, 'note'>;
  readonly approvalRequests: Pick<ApprovalRequestNotes, 'note'>;
  readonly usedOnce: UsedOnce;
  /** Computes a digest of a call that only the edges can compute. */
  readonly digestRequest: (request: Json) => string;
  readonly callLog: Pick<CallLogWriter, 'note'>;
  /** Seals what clients store for the edges: session ids, request states, task ids. Its keys never leave the edges. */
  readonly cipher: CallCipher;
  readonly pepper: SecretValue;
  readonly publicUrl: string;
  /** The base URL of the page on which people connect. */
  readonly connectUrl: string | undefined;
  readonly addressOf: ClientAddress;
  readonly checkOrigin: (request: IncomingMessage) => void;
  readonly logger: Logger;
  readonly openStreams: OpenStreams;
  readonly limitAnonymous: AnonymousLimit;
  readonly callerLimits: CallerLimits;
  /** Fires when this edge stops, which ends long streams. */
  readonly stopping: AbortSignal;
};

/**
 * Everything that the parts of the edge may use. Only the dispatch of messages to methods, and the methods, receive all of
 * it; any other function names the parts that it uses.
 */
export type Edge = EdgeParts & {
  readonly sessions: Sessions;
  readonly runningRequests: RunningRequests;
  readonly clientRequests: ClientRequests;
  readonly watchServer: WatchServer;
  readonly watchTasks: WatchTasks;
  readonly findCatalogue: FindCatalogue;
  readonly authenticateToken: AuthenticateToken;
  readonly requestQueue: FairRequestQueue;
  /**
   * The streams of the legacy SSE transport that this edge holds, by session: the functions that send a message on
   * them.
   */
  readonly legacyStreams: Map<string, (message: string) => void>;
};

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
