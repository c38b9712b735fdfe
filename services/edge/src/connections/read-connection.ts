/*
 * Reads whether the callers of a connector's tools have credentials, and requests links with which a person connects.
 * Only the data plane knows about credentials. It is queried with the plan that the manifest names for this.
 */
import {
  AppError,
  CONNECTION_REPORT,
  type ConnectionReport,
  connectionReportSchema,
  type JsonObject,
  type Manifest,
} from '@toolplane/contracts';
import { readCaller } from '../callers/read-caller.ts';
import { readTrace } from '../callers/trace-carrier.ts';
import { type CallParts, callTarget } from '../calls/call-target.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import { findLent } from '../catalogue/find-catalogue.ts';
import type { Edge } from '../edge.ts';
import { type HostedServer, type Target, toHostedServer } from '../manifests/hosted-server.ts';

/** Reads the connection to the server of a connector. Reading creates nothing. Throws the failure of the data plane. */
export async function readConnection(
  edge: CallParts,
  request: McpRequest,
  server: HostedServer,
): Promise<Omit<ConnectionReport, 'link'>> {
  return server.manifest.connection === undefined ? { status: 'no_auth_required' } : ask(edge, request, server, {});
}

/** Has a link created for the user of the request. Without `replaces`, the link cannot replace a working account. */
export async function requestLink(
  edge: CallParts,
  request: McpRequest,
  server: HostedServer,
  { replaces = false }: { replaces?: boolean } = {},
): Promise<NonNullable<ConnectionReport['link']>> {
  const { link } = await ask(edge, request, server, { link: true, ...(replaces ? { replaces } : {}) });
  if (link !== undefined) return link;
  throw new AppError('conflict', 'This server has nothing to connect');
}

/**
 * Returns the server whose credentials a target uses: the one that its tool comes from, perhaps in another workspace.
 */
export async function findConnectedServer(
  { snapshot }: Pick<Edge, 'snapshot'>,
  { server }: Pick<McpRequest, 'server'>,
  { serverId }: Pick<Target, 'serverId'>,
): Promise<HostedServer | undefined> {
  if (serverId === server.manifest.serverId) return server;
  const { workspaceId } = server.manifest;
  const own = snapshot.peekManifest(serverId) ?? (await snapshot.getManifest(serverId));
  const manifest =
    own?.workspaceId === workspaceId ? own : findLent(await snapshot.getCatalogue(workspaceId), serverId);
  return manifest === undefined ? undefined : toHostedServer(manifest);
}

async function ask(
  edge: CallParts,
  request: McpRequest,
  server: HostedServer,
  callArguments: JsonObject,
): Promise<ConnectionReport> {
  const { method, protocolVersion, signal } = request;
  const target = toTarget(server.manifest);
  const { outcome } = await callTarget(edge, {
    server,
    target,
    method,
    callArguments,
    protocolVersion,
    signal,
    caller: readCaller(request, target, { unnamed: 'ignore' }),
    trace: readTrace(request),
  });
  if (!outcome.ok) throw new AppError(outcome.error.code, outcome.error.message);
  const report = connectionReportSchema.safeParse(outcome.outcome === 'done' ? outcome.value : undefined);
  if (report.success) return report.data;
  throw new AppError('incompatible', 'The data plane reported a connection in an unknown format');
}

function toTarget({ serverId, pool, connection, tools }: Manifest): Target {
  if (connection === undefined) throw new AppError('conflict', 'The tools of this server do not need a connection');
  const { planDigest, deadlineMs } = connection;
  const toolkit = tools.find((tool) => tool.usesConnection && tool.origin === undefined)?.toolkit;
  return {
    serverId,
    pool,
    name: CONNECTION_REPORT,
    ...(toolkit === undefined ? {} : { toolkit }),
    planDigest,
    deadlineMs,
    isRepeatable: true,
    asks: false,
    usesConnection: true,
    validate: (value) => ({ ok: true, value }),
  };
}
