import { randomBytes } from 'node:crypto';
import { AppError } from '@toolplane/contracts';
import { z } from 'zod';
import { principalIdOf } from '../callers/principal.ts';
import type { McpRequest } from '../calls/mcp-request.ts';
import type { Edge } from '../edge.ts';

/*
 * The session of a server in mode SMART consists only of its id, like that of a legacy client: sealed, readable by
 * every edge, and stored nowhere. It is bound to server, key and user.
 */

const SESSION_MS = 3600_000;
const ID_LENGTH_MAX = 1024;

const contentSchema = z.strictObject({
  /** The expiry time in Unix milliseconds. */
  expiresAt: z.int(),
  /** A random text, so that no two sessions are the same. */
  r: z.string(),
});

/** Returns the session that a call names, or otherwise a new one. Throws `invalid_arguments`. */
export function continueSession(edge: Pick<Edge, 'cipher'>, request: McpRequest, id: string | undefined): string {
  if (id === undefined) return createSession(edge, request);
  checkSession(edge, request, id);
  return id;
}

export function checkSession({ cipher }: Pick<Edge, 'cipher'>, request: McpRequest, id: string | undefined): void {
  if (id === undefined) return;
  try {
    if (id.length > ID_LENGTH_MAX) throw new Error('no id of ours');
    const { expiresAt } = contentSchema.parse(JSON.parse(cipher.open(bindingOf(request), id)));
    if (expiresAt <= Date.now()) throw new Error('expired');
  } catch (cause) {
    const message = 'This session_id is unknown or has expired; omit it to start a new session';
    throw new AppError('invalid_arguments', message, { cause });
  }
}

function createSession({ cipher }: Pick<Edge, 'cipher'>, request: McpRequest): string {
  const content: z.infer<typeof contentSchema> = {
    expiresAt: Date.now() + SESSION_MS,
    r: randomBytes(12).toString('base64url'),
  };
  return cipher.seal(bindingOf(request), JSON.stringify(content));
}

/** The id of the principal also names the user. */
function bindingOf(request: McpRequest) {
  const aad = [request.server.manifest.serverId, principalIdOf(request.principal)];
  return { purpose: 'smart-session', party: 'edge', aad: JSON.stringify(aad) } as const;
}
