import { AppError, DEFAULT_USERNAME, type Json, toLinkToken } from '@toolplane/contracts';
import { z } from 'zod';
import type { IdentifiedPrincipal, Principal } from '../callers/principal.ts';
import { readCaller } from '../callers/read-caller.ts';
import type { CallParts } from '../calls/call-target.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { requestLink } from './read-connection.ts';

/** The link on which a person can connect the user of a request, once. `expiresAt` is in Unix milliseconds. */
export type ConnectUrl = { url: string; expiresAt: number };

/** What links use of the edge. */
export type LinkParts = CallParts & Pick<Edge, 'connectUrl' | 'snapshot'>;

/** A link with less time left is of no use to a person. */
const LEFT_MS_MIN = 60_000;

const recordSchema = z.strictObject({ token: z.string(), hash: z.string(), expiresAt: z.int() });
type LinkRecord = z.infer<typeof recordSchema>;

/**
 * Returns whether the caller can receive a link at all. A caller without a key has no user who could be connected. The
 * account of the default user serves all calls that name nobody, so a caller who may not name anybody else must not
 * choose it.
 */
export function canConnect({ connectUrl }: Pick<Edge, 'connectUrl'>, principal: Principal): boolean {
  return connectUrl !== undefined && principal.kind !== 'anonymous' && mayConnectItsUser(principal);
}

function mayConnectItsUser(principal: IdentifiedPrincipal): boolean {
  return principal.username !== undefined || (principal.kind === 'api-key' && principal.mayAssertUser !== false);
}

/**
 * Returns whether the caller may have a working account replaced by another one. A token stands for the user whose
 * account it is. A key needs the permission with which it could store credentials itself.
 */
export function mayReplace(principal: Principal): boolean {
  if (principal.kind === 'api-key') return principal.permissions.includes('secrets:write');
  return principal.kind === 'token' && principal.username !== undefined;
}

/** Returns the current link for this user and connector while it is valid, or undefined if none exists. */
export async function findConnectLink(
  edge: LinkParts,
  request: McpRequest,
  server: HostedServer,
): Promise<ConnectUrl | undefined> {
  if (!canConnect(edge, request.principal)) return undefined;
  const stored = await edge.store.getRecord('connect-link', idOf(request, server));
  return findUsableLink(edge, server, stored?.record);
}

/**
 * Returns the current link or otherwise a new one; with `isNew`, always a new one. With `replaces`, the link may
 * replace a working account, and is therefore given to nobody else. Throws the reason if no link is possible.
 */
export async function getConnectLink(
  edge: LinkParts,
  request: McpRequest,
  server: HostedServer,
  { isNew = false, replaces = false }: { isNew?: boolean; replaces?: boolean } = {},
): Promise<ConnectUrl> {
  if (!canConnect(edge, request.principal)) throw new AppError('conflict', whyNot(request));
  if (replaces) return toLink(edge, server, await requestLink(edge, request, server, { replaces }));
  const id = idOf(request, server);
  const stored = await edge.store.getRecord('connect-link', id);
  const known = isNew ? undefined : await findUsableLink(edge, server, stored?.record);
  if (known !== undefined) return known;
  const link = await requestLink(edge, request, server);
  // Delete only the record that was found to be unusable: one that was created in the meantime stays.
  if (stored !== undefined) await edge.store.deleteRecord('connect-link', id, stored.version);
  const other = await edge.store.createRecord('connect-link', id, link as Json, link.expiresAt - Date.now());
  // Concurrent requests receive the same link.
  return toLink(edge, server, readRecord(other?.record) ?? link);
}

function whyNot({ principal }: McpRequest): string {
  if (principal.kind === 'anonymous') return 'Connecting an account requires an API key';
  return !mayConnectItsUser(principal)
    ? 'All calls that name no user share one account. This caller may not name a user, so it gets no link to connect that account: somebody with secrets:write connects it'
    : 'This deployment has no page for connecting (CONTROL_PLANE_PUBLIC_URL of the edge is not set): store credentials with the REST API';
}

function idOf(request: McpRequest, { manifest }: HostedServer): string {
  const { username = DEFAULT_USERNAME } = readCaller(request, { usesConnection: true });
  return JSON.stringify([manifest.workspaceId, manifest.serverId, username]);
}

async function findUsableLink(
  edge: LinkParts,
  server: HostedServer,
  record: Json | undefined,
): Promise<ConnectUrl | undefined> {
  const known = readRecord(record);
  if (known === undefined || (await edge.snapshot.isLinkUsed(known.hash))) return undefined;
  return toLink(edge, server, known);
}

function readRecord(record: Json | undefined): LinkRecord | undefined {
  const { data } = recordSchema.safeParse(record);
  return data !== undefined && data.expiresAt - LEFT_MS_MIN > Date.now() ? data : undefined;
}

function toLink(
  { connectUrl = '' }: Pick<Edge, 'connectUrl'>,
  { manifest }: HostedServer,
  { token, expiresAt }: LinkRecord,
): ConnectUrl {
  return { url: `${connectUrl}/connect/${manifest.workspaceId}/${toLinkToken(manifest.pool, token)}`, expiresAt };
}
