import { AppError, type ConnectionReport, type ConnectionStatus, toAppError } from '@toolplane/contracts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { HostedServer } from '../manifests/hosted-server.ts';
import { findConnectLink, getConnectLink, type LinkParts, mayReplace } from './connect-link.ts';
import { readConnection } from './read-connection.ts';

/** The report of `manage_connections` on one toolkit. */
export type ManagedConnection = {
  status: ConnectionStatus;
  label?: string;
  connect_url?: string;
  /** The time in the format of RFC 3339. */
  expires_at?: string;
  required_fields?: string[];
  message?: string;
};

export type ConnectionRequest = {
  /** `status` creates nothing; `connect` returns a link if the account is not connected yet. */
  mode: 'status' | 'connect';
  /** If true, a new link is returned even if the account is already connected. */
  reconnect?: boolean;
};

/**
 * Reports on or changes the connection of a request's user to a connector's server. Never throws: a failure is reported
 * in the status.
 */
export async function manageConnection(
  edge: LinkParts,
  request: McpRequest,
  server: HostedServer,
  { mode, reconnect = false }: ConnectionRequest,
): Promise<ManagedConnection> {
  try {
    const report = await readConnection(edge, request, server);
    if (mode === 'status') return await describe(edge, request, server, report);
    const { status } = report;
    const canHaveLink = status !== 'no_auth_required' && server.manifest.connection?.authentication !== 'none';
    if (!canHaveLink || (status === 'active' && !reconnect)) return await describe(edge, request, server, report);
    const replaces = status === 'active';
    if (replaces && !mayReplace(request.principal)) {
      throw new AppError(
        'forbidden',
        'The account is connected and works. Replacing it requires an API key with secrets:write, or a token of the user whose account it is',
      );
    }
    const link = await getConnectLink(edge, request, server, { isNew: reconnect, replaces });
    return {
      ...toMembers(server, report),
      status: 'initiated',
      connect_url: link.url,
      expires_at: new Date(link.expiresAt).toISOString(),
      message:
        'Show connect_url to the person: the page connects the account. It works once, and until expires_at; call again for a new one.',
    };
  } catch (thrown) {
    return { status: 'failed', message: toAppError(thrown).message };
  }
}

async function describe(
  edge: LinkParts,
  request: McpRequest,
  server: HostedServer,
  report: ConnectionReport,
): Promise<ManagedConnection> {
  const members = toMembers(server, report);
  if (report.status === 'not_connected' && (await findConnectLink(edge, request, server)) !== undefined) {
    return { ...members, status: 'initiated', message: 'A person has a link to connect but has not connected yet.' };
  }
  const message = messageOf(server, report);
  return message === undefined ? members : { ...members, message };
}

function toMembers({ manifest }: HostedServer, { status, label, missingFields }: ConnectionReport): ManagedConnection {
  const { authentication, requiredFields = [] } = manifest.connection ?? {};
  const isLacking = status === 'not_connected' || status === 'requires_parameters';
  const fields = isLacking && authentication === 'fields' ? (missingFields ?? requiredFields) : [];
  return {
    status,
    ...(label === undefined ? {} : { label }),
    ...(fields.length === 0 ? {} : { required_fields: fields }),
  };
}

function messageOf({ manifest }: HostedServer, { status, scope }: ConnectionReport): string | undefined {
  if (manifest.connection?.authentication === 'none' && status === 'requires_parameters') {
    return 'Each call sends a token of the caller in the header X-Upstream-Authorization; nobody has to connect.';
  }
  if (status === 'active') {
    return scope === undefined || scope === 'user' ? undefined : `Uses the credentials of the ${scope}.`;
  }
  return status === 'no_auth_required' ? undefined : "Use mode 'connect' to get a page on which a person connects.";
}
