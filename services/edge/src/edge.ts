import type { IncomingMessage } from 'node:http';
import type {
  CallLogWriter,
  CallSlots,
  EdgeStore,
  NoteWriter,
  PooledCaller,
  RateLimits,
  Snapshot,
} from '@toolplane/bus';
import type { Json } from '@toolplane/contracts';
import type { CallCipher } from '@toolplane/sealing';
import type { ClientAddress, Logger, SecretValue } from '@toolplane/service-kit';
import type { LRUCache } from 'lru-cache';
import type { AnonymousLimit } from './callers/anonymous-limit.ts';
import type { CallerLimits } from './callers/caller-limits.ts';
import type { FairRequestQueue } from './callers/fair-request-queue.ts';
import type { AuthenticateToken } from './callers/tokens/authenticate-token.ts';
import type { WatchTasks } from './calls/watched-tasks.ts';
import type { FindCatalogue } from './catalogue/find-catalogue.ts';
import type { WatchServer } from './policies/server-listener.ts';
import type { ClientRequests } from './sessions/client-requests.ts';
import type { RunningRequests } from './sessions/running-requests.ts';
import type { McpSessions } from './sessions/sessions.ts';
import type { OpenStreams } from './transports/open-streams.ts';

/** The approvals and request states that this edge has used, by the names that Redis stores for them. */
export type UsedOnce = LRUCache<string, true>;

/** The parts of an edge. */
export type EdgeParts = {
  /** Each call goes to the pool of the server whose plan it runs. */
  readonly calls: Pick<PooledCaller, 'call' | 'describe' | 'find' | 'cancel' | 'goOn'>;
  readonly snapshot: Snapshot;
  readonly store: EdgeStore;
  /** Counts calls for the limits of policies, together with all other edges. */
  readonly callRates: Pick<RateLimits, 'take'>;
  readonly callSlots: Pick<CallSlots, 'take' | 'giveBack'>;
  readonly seenCallers: Pick<NoteWriter<'seen-callers'>, 'note'>;
  readonly seenUsers: Pick<NoteWriter<'seen-users'>, 'note'>;
  /** Records policy decisions for the audit log. */
  readonly decisions: Pick<NoteWriter<'decisions'>, 'note'>;
  readonly approvalRequests: Pick<NoteWriter<'approval-requests'>, 'note'>;
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
  readonly sessions: McpSessions;
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
