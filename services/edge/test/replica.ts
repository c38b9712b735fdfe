import type { AddressInfo } from 'node:net';
import {
  connectBus,
  createCaller,
  createCallLogWriter,
  createCallSlots,
  createEdgeStore,
  createNoteWriter,
  createRateLimits,
  createSnapshot,
  type LoggedCall,
  type Snapshot,
} from '@toolplane/bus';
import { type CallKeys, createCallCipher, createRequestDigest, toPepperKeys, type Verifier } from '@toolplane/sealing';
import { closeServer, createClientAddress, createLogger, listen, type SecretValue } from '@toolplane/service-kit';
import { createEdgeApp } from '../src/app.ts';
import { limitAnonymous } from '../src/callers/anonymous-limit.ts';
import { limitCallers } from '../src/callers/caller-limits.ts';
import { createEdge } from '../src/create-edge.ts';
import type { Edge } from '../src/edge.ts';
import { limitOpenStreams } from '../src/transports/open-streams.ts';
import { createOriginCheck } from '../src/transports/trusted-origin.ts';
import { createUsedOnce } from '../src/use-once.ts';

/**
 * The reports of edges to the control plane: calls for which an approval was requested, refused calls, and ended calls.
 */
export type Noted = {
  approvalRequests: Parameters<Edge['approvalRequests']['note']>[0][];
  decisions: Parameters<Edge['decisions']['note']>[0][];
  endedCalls: LoggedCall[];
};

export type Replica = {
  url: string;
  parts: Edge;
  /** Returns the number of calls that all edges have admitted and that have not ended. */
  leases(): Promise<number>;
  /**
   * Stops the edge as a deployment does: long streams end first, then the edge. Also done when the test edge is
   * disposed.
   */
  stop(): Promise<void>;
};

export type RequestTimeouts = Parameters<typeof createEdgeApp>[1];

export type Limits = {
  perPrincipalMax?: number;
  /** The limits of streams, requests and POSTs; by default, values that no test reaches. */
  perOrganization?: { streams: number; requestsPerSecond: number; posts: number };
  totalMax?: number;
  publicCallsPerMinute?: number;
  bytesPerOrganizationMax?: number;
  requestsPerSecond?: number;
  postsMax?: number;
  trustedProxies?: string[];
};

/** Creates one edge that serves HTTP, as the service does. */
export async function createReplica({
  redisUrl,
  queue,
  keys,
  sessionKeys,
  verifier,
  pepper,
  noted,
  limits = {},
  timeouts,
}: {
  redisUrl: string;
  queue: string;
  keys: CallKeys;
  sessionKeys: CallKeys;
  verifier: Verifier;
  pepper: SecretValue;
  limits: Limits | undefined;
  timeouts: RequestTimeouts;
  noted: Noted;
}): Promise<Replica & { snapshot: Snapshot }> {
  const { perPrincipalMax = 20, totalMax = 100, publicCallsPerMinute = 1000, trustedProxies = [] } = limits;
  const storeLimits =
    limits.bytesPerOrganizationMax === undefined ? {} : { bytesPerOrganizationMax: limits.bytesPerOrganizationMax };
  const { requestsPerSecond = 100_000, postsMax = 1000 } = limits;
  const { perOrganization = { streams: 1e6, requestsPerSecond: 1e6, posts: 1e6 } } = limits;
  const resources = new AsyncDisposableStack();
  const bus = resources.use(connectBus({ redisUrl }));
  const snapshot = await createSnapshot({ bus, verifier });
  const calls = await createCaller({ bus, queue, keys });
  const store = await createEdgeStore({ bus, keys: sessionKeys, ...storeLimits });
  const noteOptions = { bus, keys: toPepperKeys(pepper.reveal()) };
  const seenCallers = await createNoteWriter('seen-callers', noteOptions);
  const seenUsers = await createNoteWriter('seen-users', noteOptions);
  const decisions = await createNoteWriter('decisions', noteOptions);
  const approvalRequests = await createNoteWriter('approval-requests', noteOptions);
  const callRates = await createRateLimits({ bus, of: 'calls' });
  const callSlots = await createCallSlots({ bus });
  const callLog = await createCallLogWriter(noteOptions);
  const publicUrl = 'http://127.0.0.1';
  const connectUrl = 'https://console.example.test';
  const stopping = new AbortController();
  const parts = createEdge({
    calls,
    snapshot,
    store,
    callRates,
    callSlots,
    seenCallers,
    seenUsers,
    pepper,
    publicUrl,
    connectUrl,
    addressOf: createClientAddress(trustedProxies),
    callLog: alsoIn(noted.endedCalls, callLog),
    decisions: alsoIn(noted.decisions, decisions),
    approvalRequests: alsoIn(noted.approvalRequests, approvalRequests),
    usedOnce: createUsedOnce(),
    digestRequest: createRequestDigest(sessionKeys),
    cipher: createCallCipher(sessionKeys),
    checkOrigin: createOriginCheck({ publicUrl, allowedHosts: [], allowedOrigins: [] }),
    openStreams: limitOpenStreams({ perPrincipalMax, perOrganizationMax: perOrganization.streams, totalMax }),
    limitAnonymous: limitAnonymous(publicCallsPerMinute),
    callerLimits: limitCallers({
      perCaller: { requestsPerSecond, postsMax },
      perOrganization: { requestsPerSecond: perOrganization.requestsPerSecond, postsMax: perOrganization.posts },
    }),
    stopping: stopping.signal,
    logger: createLogger('edge', 'silent'),
  });
  const app = createEdgeApp(parts, timeouts);
  await listen(app, 0, '127.0.0.1');
  // A client may have opened a connection that it never used.
  resources.defer(() => closeServer(app, 500));
  resources.defer(() => stopping.abort());
  return {
    url: `http://127.0.0.1:${(app.address() as AddressInfo).port}`,
    parts,
    snapshot,
    leases: calls.leases,
    stop: () => resources.disposeAsync(),
  };
}

/**
 * Also adds notes to a list, because the notes of all test files are in one Redis, and each collector takes all of
 * them.
 */
function alsoIn<Note>(list: Note[], notes: { note(note: Note): void }): { note(note: Note): void } {
  return {
    note(note) {
      list.push(note);
      notes.note(note);
    },
  };
}
