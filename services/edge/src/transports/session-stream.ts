import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Edge } from '../edge.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { changesSince, type ServerChange, toMark } from '../manifests/server-changes.ts';
import { toNotifications } from '../mcp/change-notifications.ts';
import { notificationText } from '../mcp/rpc-text.ts';
import { listenForSignals, tellTaken } from '../sessions/session-signals.ts';
import type { LiveSession } from '../sessions/sessions.ts';
import { type LongStream, openLongStream, type StreamOwner } from './long-stream.ts';
import { readsPrimers } from './stream-log.ts';

/** An event id of this stream says what its client was told last, so any edge can tell what changed since. */
const EVENT_ID = /^lists:([\w.-]{1,100})$/;

/**
 * The GET stream of a legacy session: tells of changed lists and subscribed resources. Of several streams of one
 * session the newest has all notifications, at whichever edge, because none may be sent twice; the others stay open and
 * silent. While Redis is away, edges do not hear of each other's streams.
 */
export async function serveSessionStream(
  edge: Edge,
  owner: StreamOwner,
  live: LiveSession,
  response: ServerResponse,
  lastEventId: string | undefined,
): Promise<void> {
  const { session } = live;
  const ownId = randomUUID();
  let isNewest = true;
  let known = owner.server;
  const onChange = (change: ServerChange, after: HostedServer) => {
    known = after;
    if (isNewest) void tellSession(edge, session.id, stream, change, after);
  };
  const stream: LongStream = openLongStream(edge, owner, response, onChange);
  const stop = await listenForSignals(edge.store, session.id, (signal) => {
    if (signal.kind === 'ended') stream.end();
    else if (signal.kind === 'taken' && signal.by !== ownId) isNewest = false;
  });
  stream.onEnd(stop);
  await tellTaken(edge.store, session.id, ownId).catch(() => {});
  if (readsPrimers(live)) stream.send({ data: '', id: eventIdOf(known) });
  const [, mark] = EVENT_ID.exec(lastEventId ?? '') ?? [];
  const missed = mark === undefined ? undefined : changesSince(mark, known);
  // Also finds out whether it was ended before anybody listened.
  await tellSession(edge, session.id, stream, missed ?? { lists: new Set(), isUpdated: () => false }, known);
}

async function tellSession(
  edge: Edge,
  sessionId: string,
  stream: LongStream,
  change: ServerChange,
  after: HostedServer,
): Promise<void> {
  const { isEnded, subscriptions } = await edge.store.getSession(sessionId);
  if (isEnded) return stream.end();
  for (const { method, params } of toNotifications(change, subscriptions)) {
    stream.send({ data: notificationText(method, params), id: eventIdOf(after) });
  }
}

const eventIdOf = (server: HostedServer) => `lists:${toMark(server)}`;
