import { setTimeout as delay } from 'node:timers/promises';
import type { Snapshot } from '@toolplane/bus';
import type { Manifest } from '@toolplane/contracts';
import { digestOfUser } from '@toolplane/sealing';
import { toPrincipal } from '../callers/authenticate.ts';
import type { Principal } from '../callers/principal.ts';
import { findIssuer, issuerUrlOf } from '../callers/tokens/find-issuer.ts';
import { isMember, standingOf, subjectOf } from '../callers/user-standing.ts';
import { type HostedServer, toHostedServer } from '../manifests/hosted-server.ts';
import { changesBetween, type ServerChange } from '../manifests/server-changes.ts';
import { findServer } from './find-server.ts';
import { viewServer } from './visible-server.ts';
import type { TimedView } from './visible-tools.ts';

/**
 * The interval of sweeps, which find changes that no announcement reported: an expired key, and anything published
 * while Redis was unavailable.
 */
const SWEEP_MS = 30_000;
/** The longest delay of a timer. A sweep finds later changes. */
const TIMER_MS_MAX = 2 ** 31 - 1;
/** A client that cannot be notified within this time that its server is gone learns it from the end of its stream. */
const LAST_CHANGE_MS_MAX = 1000;

export type ServerListener = {
  /** The server as the client knows it. */
  server: HostedServer;
  principal: Principal;
  /**
   * Called when the server has changed. A server that is stopped or deleted is reported as empty, and the end waits for
   * that report.
   */
  onChange?(change: ServerChange, after: HostedServer): void | Promise<void>;
  /** Called when the server or the right to use it is gone, or this edge stops. Nothing is called after it. */
  onEnd(): void;
};

/** Reports changes to a listener until the returned function is called. */
export type WatchServer = (listener: ServerListener) => () => void;

/** Creates one subscription to the announcements for all listeners at this edge. */
export function createServerWatch(snapshot: Snapshot, stopping: AbortSignal, sweepMs = SWEEP_MS): WatchServer {
  /** The listeners by announced topic, so that only the affected listeners are checked. */
  const byTopic = new Map<string, Set<ServerListener>>();
  const listeners = new Set<ServerListener>();
  /** The timers of listeners whose view changes at a known time. */
  const timers = new Map<ServerListener, NodeJS.Timeout>();
  const expiries = new WeakMap<ServerListener, NodeJS.Timeout>();

  async function check(listener: ServerListener): Promise<void> {
    const found = await readAgain(snapshot, listener);
    if (!listeners.has(listener)) return;
    if (found === undefined) return end(listener);
    if (found === 'gone') return endReporting(listener);
    checkAgainAt(listener, found.until);
    report(listener, found.view);
  }

  function checkAgainAt(listener: ServerListener, at: number): void {
    clearTimeout(timers.get(listener));
    timers.delete(listener);
    const waitMs = at - Date.now();
    // A timer may fire slightly early.
    if (waitMs <= TIMER_MS_MAX) timers.set(listener, setTimeout(() => void check(listener), waitMs + 1).unref());
  }

  function report(listener: ServerListener, after: HostedServer): void | Promise<void> {
    const before = listener.server;
    if (after === before) return;
    listener.server = after;
    return listener.onChange?.(changesBetween(before, after), after);
  }

  async function endReporting(listener: ServerListener): Promise<void> {
    forget(listener);
    const timeout = delay(LAST_CHANGE_MS_MAX, undefined, { ref: false });
    try {
      await Promise.race([report(listener, withoutAnything(listener.server)), timeout]);
    } finally {
      listener.onEnd();
    }
  }

  function end(listener: ServerListener): void {
    forget(listener);
    listener.onEnd();
  }

  /** Ends the stream of a caller when its token expires. */
  function endAtExpiry(listener: ServerListener): void {
    const { principal } = listener;
    if (principal.kind !== 'token') return;
    const leftMs = Math.min(Math.max(principal.expiresAt - Date.now(), 0), TIMER_MS_MAX);
    const timer = setTimeout(() => listeners.has(listener) && end(listener), leftMs).unref();
    expiries.set(listener, timer);
  }

  function forget(listener: ServerListener): void {
    listeners.delete(listener);
    clearTimeout(timers.get(listener));
    timers.delete(listener);
    clearTimeout(expiries.get(listener));
    for (const topic of topicsOf(listener)) {
      const those = byTopic.get(topic);
      those?.delete(listener);
      if (those?.size === 0) byTopic.delete(topic);
    }
  }

  const checkAll = (those: Iterable<ServerListener>) => {
    for (const listener of those) void check(listener);
  };
  snapshot.onChange(({ kind, id }) =>
    checkAll(kind === 'publication' ? listeners : (byTopic.get(`${kind} ${id}`) ?? [])),
  );
  const sweep = setInterval(() => checkAll(listeners), sweepMs).unref();
  stopping.addEventListener('abort', () => {
    clearInterval(sweep);
    for (const listener of listeners) end(listener);
  });

  return (wanted) => {
    const listener = { ...wanted };
    listeners.add(listener);
    for (const topic of topicsOf(listener)) byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(listener));
    // Check at once, to find changes announced since the client's server was looked up.
    if (stopping.aborted) queueMicrotask(() => listeners.has(listener) && end(listener));
    else void check(listener);
    endAtExpiry(listener);
    return () => forget(listener);
  };
}

function topicsOf({ server, principal }: ServerListener): string[] {
  const manifest = `manifest ${server.manifest.serverId}`;
  if (principal.kind === 'anonymous') return [manifest];
  const { workspaceId } = principal;
  const username = subjectOf(principal);
  const ofCaller = principal.kind === 'api-key' ? [manifest, `api-key ${principal.keyId}`] : [manifest];
  if (username === undefined) return ofCaller;
  return [...ofCaller, `users ${workspaceId}`, `user ${workspaceId}:${digestOfUser(workspaceId, username)}`];
}

/** Returns the empty server that clients see when it is stopped or deleted. */
function withoutAnything({ manifest: { mode: _, ...manifest } }: HostedServer): HostedServer {
  return toHostedServer({ ...manifest, tools: [], prompts: [], resources: [], resourceTemplates: [] });
}

/**
 * Repeats the checks that were made when the request was admitted. Returns undefined if the caller is no longer
 * allowed, and `gone` if it would be but the server is not running. If the state cannot be determined, nothing changes.
 */
async function readAgain(
  snapshot: Snapshot,
  { server, principal: before }: ServerListener,
): Promise<TimedView<HostedServer> | 'gone' | undefined> {
  const { serverId } = server.manifest;
  try {
    const manifest = await snapshot.getManifest(serverId);
    if (before.kind === 'token') await findIssuer(snapshot, manifest ?? {});
    if (before.kind === 'api-key') await snapshot.getApiKey(before.keyId);
    const subject = before.kind === 'anonymous' ? undefined : subjectOf(before);
    if (before.kind !== 'anonymous' && subject !== undefined) {
      await standingOf(snapshot, before.workspaceId, subject);
    }
  } catch {
    return { view: server, until: Number.POSITIVE_INFINITY };
  }
  try {
    const principal = await readPrincipalAgain(snapshot, before);
    if (principal === undefined || !(await isStillUser(snapshot, principal, before))) return undefined;
    const manifest = await snapshot.getManifest(serverId);
    if (manifest?.state !== 'running') return 'gone';
    if (!(await acceptsTokensOf(snapshot, manifest, principal))) return undefined;
    return viewServer(toHostedServer(await findServer(snapshot, principal, serverId)), principal);
  } catch {
    return undefined;
  }
}

/** Returns undefined for a caller that is no longer valid. */
async function readPrincipalAgain(snapshot: Snapshot, before: Principal): Promise<Principal | undefined> {
  if (before.kind === 'api-key') {
    const principal = toPrincipal(await snapshot.getApiKey(before.keyId), before.address ?? '');
    const { username } = before;
    return principal && (username === undefined ? principal : { ...principal, username });
  }
  return before.kind === 'token' && before.expiresAt <= Date.now() ? undefined : before;
}

/** Checks the issuer again, because the owner may have replaced the issuer of this token. */
async function acceptsTokensOf(snapshot: Snapshot, manifest: Manifest, principal: Principal): Promise<boolean> {
  if (principal.kind !== 'token') return true;
  const issuer = await findIssuer(snapshot, manifest);
  return issuer !== undefined && issuerUrlOf(issuer) === principal.issuer;
}

async function isStillUser(snapshot: Snapshot, principal: Principal, before: Principal): Promise<boolean> {
  if (principal.kind === 'anonymous' || before.kind === 'anonymous') return true;
  const subject = subjectOf(before);
  if (subject === undefined) return true;
  if (principal.kind === 'api-key' && principal.mayAssertUser === false) return false;
  const standing = await standingOf(snapshot, principal.workspaceId, subject);
  return standing === 'admitted' || (standing === 'unknown' && isMember(principal));
}
