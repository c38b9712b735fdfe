import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Edge } from '../edge.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { changesSince, type ManifestChange, noChange, toMark } from '../manifests/server-changes.ts';
import { toNotifications } from '../mcp/change-notifications.ts';
import { notificationText } from '../protocol/rpc-text.ts';
import { claimSenderRole, type SenderRole } from '../sessions/sender-role.ts';
import type { LiveSession } from '../sessions/sessions.ts';
import { type LongStream, openLongStream, type StreamOwner, type StreamParts } from './long-stream.ts';
import { supportsPrimers } from './stream-log.ts';

/**
 * An event id of this stream shows what its client has received last, so any edge can determine what has changed since.
 */
const EVENT_ID = /^lists:([\w.-]{1,100})(?::[\w-]{8})?$/;

/**
 * The GET stream of a legacy session: reports changed lists and subscribed resources. If a session has several streams,
 * at any edges, only one of them sends, because nothing may be sent twice: the newest, and when it closes, one of the
 * others.
 */
export async function serveSessionStream(
  edge: StreamParts & Pick<Edge, 'store'>,
  owner: StreamOwner,
  live: LiveSession,
  response: ServerResponse,
  lastEventId: string | undefined,
): Promise<void> {
  const { session } = live;
  let known = owner.server;
  /** The state that the client has received, on this stream or on the one that is the sender. */
  let reported = known;
  let role: SenderRole | undefined;

  async function report(change: ManifestChange): Promise<void> {
    const after = known;
    const { isEnded, subscriptions } = await edge.store.getSession(session.id);
    if (isEnded) return stream.end();
    const notifications = toNotifications(change, subscriptions);
    for (const [index, { method, params }] of notifications.entries()) {
      // Only the last notification gets the id, because only then does the client know the whole change.
      const id = index === notifications.length - 1 ? { id: eventIdOf(toMark(after)) } : {};
      stream.send({ data: notificationText(method, params), ...id });
    }
    reported = after;
  }

  const onChange = async (change: ManifestChange, after: HostedServer) => {
    known = after;
    if (role?.isOurs() ?? true) await report(change);
    else reported = after;
  };
  const stream: LongStream = openLongStream(edge, owner, response, onChange);
  role = await claimSenderRole(edge.store, session.id, {
    mark: () => toMark(reported),
    onSender: (mark) => void report(changesSince(mark, known) ?? noChange),
    onEnded: stream.end,
  });
  stream.onEnd(role.release);
  const [, mark] = EVENT_ID.exec(lastEventId ?? '') ?? [];
  const missed = mark === undefined ? undefined : changesSince(mark, known);
  // A client that loses this connection before it has received the missed changes still has to be notified of them.
  const knows = mark === undefined || missed === undefined ? toMark(known) : mark;
  if (supportsPrimers(live)) stream.send({ data: '', id: eventIdOf(knows) });
  // This also finds out whether the session ended before this stream was listening.
  await report(missed ?? noChange);
}

/** The ids of a session's events are unique (MCP 2025-11-25, transports). */
const eventIdOf = (mark: string) => `lists:${mark}:${randomBytes(6).toString('base64url')}`;
