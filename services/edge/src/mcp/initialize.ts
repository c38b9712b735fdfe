import { isJsonObject } from '@toolplane/contracts';
import { accountOf, principalIdOf } from '../callers/principal.ts';
import { readClientName } from '../protocol/client-name.ts';
import { McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { isLegacyVersion, legacyProtocolVersions } from '../protocol/protocol.ts';
import { readClient } from './client-capabilities.ts';
import type { HandleMethod } from './handle.ts';

/**
 * The handshake of the legacy era. Only the client stores the session id that it returns, so an `initialize` without
 * further requests leaves nothing behind.
 */
export const initialize: HandleMethod = async (request, edge) => {
  const { params, server, principal, session: sseSession } = request;
  const { protocolVersion: wanted, capabilities, clientInfo } = params;
  if (typeof wanted !== 'string' || !isJsonObject(capabilities) || !isJsonObject(clientInfo)) {
    throw new McpError(rpcCodes.invalidParams, 'initialize needs protocolVersion, capabilities and clientInfo', {
      status: 400,
    });
  }
  const protocolVersion = isLegacyVersion(wanted) ? wanted : legacyProtocolVersions[0];
  const abilities = [...readClient(capabilities).abilities];
  const { manifest, serverInfo, lists } = server;
  const owner = { serverId: manifest.serverId, principalId: principalIdOf(principal) };
  const members = JSON.stringify({
    protocolVersion,
    capabilities: lists.capabilities.legacy,
    serverInfo,
    instructions: manifest.instructions,
  }).slice(1, -1);
  if (sseSession?.transport === 'sse') {
    // The session id was sent before the client declared its abilities.
    await edge.store.changeSession(sseSession.id, { protocolVersion, abilities }, SSE_STATE_MS, accountOf(server));
    return { members };
  }
  const id = edge.sessions.create(owner, {
    protocolVersion,
    abilities,
    transport: 'http',
    client: readClientName(clientInfo),
  });
  return { members, headers: { 'mcp-session-id': id } };
};

/** Streams of the legacy SSE transport do not outlive a day. */
const SSE_STATE_MS = 24 * 3600 * 1000;
