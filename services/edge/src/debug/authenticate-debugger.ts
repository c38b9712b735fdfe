import type { IncomingMessage } from 'node:http';
import { AppError, isDebugToken, type Manifest } from '@toolplane/contracts';
import { isDebugTokenOf } from '@toolplane/sealing';
import type { KeyPrincipal } from '../callers/principal.ts';
import { openSessionOf } from '../calls/call-debug.ts';
import type { Edge } from '../edge.ts';

export type Debugger = { manifest: Manifest; token: string; principal: KeyPrincipal };

/** A value that is the digest of no token. */
const NOBODY = '0'.repeat(64);

/**
 * Returns the holder of the token of the debug session that is open for a server. A server that does not exist, one
 * that nobody debugs and a wrong token all give the same answer. The session makes calls like a key without an agent,
 * and with its own id.
 */
export async function authenticateDebugger(
  request: IncomingMessage,
  { snapshot, addressOf }: Pick<Edge, 'snapshot' | 'addressOf'>,
  serverId: string,
): Promise<Debugger> {
  const [, token = ''] = /^Token +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!isDebugToken(token)) throw noDebugger();
  const manifest = serverId.startsWith('srv_')
    ? (snapshot.peekManifest(serverId) ?? (await snapshot.getManifest(serverId)))
    : undefined;
  const session = manifest === undefined ? undefined : openSessionOf(manifest);
  const isRight = isDebugTokenOf(token, session?.tokenHash ?? NOBODY);
  if (manifest === undefined || session === undefined || !isRight || manifest.state === 'deleted') throw noDebugger();
  if (manifest.state === 'stopped') {
    throw new AppError('config_unavailable', 'This MCP server is stopped, or nothing is deployed to it yet');
  }
  const { organizationId, workspaceId } = manifest;
  const principal: KeyPrincipal = {
    kind: 'api-key',
    keyId: session.sessionId,
    ...(organizationId === undefined ? {} : { organizationId }),
    workspaceId,
    permissions: ['tools:call'],
    ...(session.mayAssertUser === false ? { mayAssertUser: false as const } : {}),
    servers: [serverId],
    address: addressOf(request),
  };
  return { manifest, token, principal };
}

function noDebugger(): AppError {
  const message = 'Send the token of a debug session that is open for this server, as Authorization: Token tpd_…';
  return new AppError('unauthenticated', message);
}
