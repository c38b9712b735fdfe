import { logLevelSchema } from '@toolplane/contracts';
import { accountOf } from '../callers/principal.ts';
import { invalidParams, McpError, rpcCodes } from '../protocol/mcp-error.ts';
import { SESSION_MS_MAX } from '../sessions/session-id.ts';
import type { HandleMethod } from './handle.ts';

/** `logging/setLevel` of the legacy era; each modern request names its own level. */
export const setLevel: HandleMethod = async ({ params, server, session }, edge) => {
  const level = logLevelSchema.safeParse(params['level']);
  if (!level.success)
    throw invalidParams('level must be one of debug, info, notice, warning, error, critical, alert, emergency');
  if (session === undefined)
    throw new McpError(rpcCodes.invalidRequest, 'A log level requires a session; initialize one');
  await edge.store.changeSession(session.id, { logLevel: level.data }, SESSION_MS_MAX, accountOf(server));
  return { members: '' };
};
