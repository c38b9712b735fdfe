import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '@toolplane/contracts';
import type { IdentifiedPrincipal } from './principal.ts';

/** They take some milliseconds, whether they are answered or refused. */
const REQUESTS_PER_TURN = 8;
/** So many requests of an organization may wait. A connection can carry any number of requests before the first is answered. */
const WAITING_MAX = 2000;
/** With so many waiting requests and connections, an organization floods. */
const FLOOD_MIN = 100;

/** The socket of a request, and its response. */
type Connection = Pick<Socket, 'destroyed' | 'pause' | 'resume'>;
type Answer = Pick<ServerResponse, 'once'>;

type Sender = Pick<IdentifiedPrincipal, 'organizationId' | 'workspaceId'>;

/**
 * The requests of all organizations begin by turns. Within one turn of the event loop an organization begins so many;
 * what exceeds that waits for later turns, which the waiting organizations share equally, and each among its
 * workspaces. So somebody who sends a thousand requests at once, by however many workspaces, does not make the others
 * wait until all of them are answered or refused.
 */
export type FairTurns = {
  /**
   * The connections of an organization that floods are read by turns, too: after the answer to its request, each waits
   * until it is read again. Otherwise all requests of a flood are parsed before anything else is done.
   */
  paceConnection(sender: Sender, connection: Connection, answer: Answer): void;
  /** Undefined when the request may begin at once, as nearly all may. Throws `rate_limited` when too many wait. */
  take(sender: Sender): Promise<void> | undefined;
};

export function createFairTurns(requestsPerTurn = REQUESTS_PER_TURN, waitingMax = WAITING_MAX): FairTurns {
  /** In this turn. */
  const begun = new Map<string, number>();
  let allBegun = 0;
  let isEnding = false;
  /** The organization that is next comes first, and in it the workspace that is next. */
  const waiting = new Map<string, { count: number; byWorkspace: Map<string, (() => void)[]> }>();
  /** The connections that are not read, of each organization. */
  const paused = new Map<string, Connection[]>();

  function note(organizationId: string): void {
    begun.set(organizationId, (begun.get(organizationId) ?? 0) + 1);
    allBegun += 1;
    // Ending a turn costs something, and a few requests hold nobody up, whichever turns they came in.
    if (allBegun >= requestsPerTurn / 2) endTurnSoon();
  }

  function endTurnSoon(): void {
    if (isEnding) return;
    isEnding = true;
    setImmediate(endTurn);
  }

  function endTurn(): void {
    isEnding = false;
    begun.clear();
    allBegun = 0;
    for (let left = requestsPerTurn; left > 0; left -= 1) {
      beginNext();
      readNext();
    }
    if (waiting.size > 0 || paused.size > 0) endTurnSoon();
  }

  /** Of an organization that has begun what it had sent before. */
  function readNext(): void {
    for (const [organizationId, connections] of paused) {
      if (waiting.has(organizationId)) continue;
      paused.delete(organizationId);
      connections.shift()?.resume();
      if (connections.length > 0) paused.set(organizationId, connections);
      return;
    }
  }

  function isFlooding(organizationId: string): boolean {
    const connections = paused.get(organizationId)?.length ?? 0;
    return (waiting.get(organizationId)?.count ?? 0) + connections >= FLOOD_MIN;
  }

  function beginNext(): void {
    const [organizationId, requests] = takeFirst(waiting) ?? [];
    if (organizationId === undefined || requests === undefined) return;
    const [workspaceId, ofWorkspace] = takeFirst(requests.byWorkspace) ?? [];
    const begin = ofWorkspace?.shift();
    if (workspaceId !== undefined && ofWorkspace?.length) requests.byWorkspace.set(workspaceId, ofWorkspace);
    requests.count -= 1;
    if (requests.count > 0) waiting.set(organizationId, requests);
    note(organizationId);
    begin?.();
  }

  return {
    paceConnection({ workspaceId, organizationId = workspaceId }, connection, answer) {
      if (!isFlooding(organizationId)) return;
      answer.once('close', () => {
        if (connection.destroyed) return;
        connection.pause();
        const others = paused.get(organizationId);
        if (others === undefined) paused.set(organizationId, [connection]);
        else others.push(connection);
        endTurnSoon();
      });
    },
    take({ workspaceId, organizationId = workspaceId }) {
      const others = waiting.get(organizationId);
      if (others === undefined && (begun.get(organizationId) ?? 0) < requestsPerTurn) {
        note(organizationId);
        return undefined;
      }
      const requests = others ?? { count: 0, byWorkspace: new Map<string, (() => void)[]>() };
      if (requests.count >= waitingMax) {
        const message = 'Too many requests of this organization at once; wait';
        throw new AppError('rate_limited', message, { details: { retryAfterMs: 1000 } });
      }
      waiting.set(organizationId, requests);
      requests.count += 1;
      return new Promise((resolve) => {
        const ofWorkspace = requests.byWorkspace.get(workspaceId);
        if (ofWorkspace === undefined) requests.byWorkspace.set(workspaceId, [resolve]);
        else ofWorkspace.push(resolve);
      });
    },
  };
}

/** Removes the first entry: whoever has more is put behind all others. */
function takeFirst<Value>(entries: Map<string, Value>): [string, Value] | undefined {
  const [first] = entries;
  if (first !== undefined) entries.delete(first[0]);
  return first;
}
