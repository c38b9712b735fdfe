import { hash } from 'node:crypto';
import { AppError, type CallDebug, type DebugGrant, debugGrantSchema, type ToolCall } from '@toolplane/contracts';
import { isDebugTokenOf, type Verifier } from '@toolplane/sealing';
import { LRUCache } from 'lru-cache';

const GRANTS_MAX = 500;

/** The session under which a call runs; `isDebugger` is true if the holder of its token made the call. */
export type Granted = Pick<DebugGrant, 'sessionId' | 'expiresAt' | 'environment'> & { isDebugger: boolean };

export type CheckGrant = (
  debug: CallDebug,
  call: Pick<ToolCall, 'workspaceId' | 'serverId'>,
) => Promise<Granted | undefined>;

/**
 * Returns the session if a call may be watched: the control plane has granted it, for this server, and it has not
 * expired. Otherwise it returns undefined, and the call runs like any other. A call that claims to be the debugger's
 * own but is not is refused with `unauthenticated`, because it may have been meant for hosts other than those of
 * production.
 */
export function createGrantCheck({ verifier, now }: { verifier: Verifier; now(): number }): CheckGrant {
  const known = new LRUCache<string, Promise<DebugGrant | undefined>>({ max: GRANTS_MAX });

  async function verify(text: string): Promise<DebugGrant | undefined> {
    try {
      return debugGrantSchema.parse(await verifier.verify(text));
    } catch {
      return undefined;
    }
  }

  /** The signature is the same for all calls of a session, so it is verified once. */
  function verifyOnce(text: string): Promise<DebugGrant | undefined> {
    const digest = hash('sha256', text, 'base64url');
    const found = known.get(digest) ?? verify(text);
    known.set(digest, found);
    return found;
  }

  return async ({ grant: text, token }, call) => {
    const grant = await verifyOnce(text);
    const isGood = grant !== undefined && grant.expiresAt > now() && isOf(grant, call);
    if (token === undefined) return isGood ? toGranted(grant, false) : undefined;
    if (isGood && isDebugTokenOf(token, grant.tokenHash)) return toGranted(grant, true);
    throw new AppError('unauthenticated', 'The debug session has ended or belongs to another server');
  };
}

function isOf({ workspaceId, serverId, origins = [] }: DebugGrant, call: Pick<ToolCall, 'workspaceId' | 'serverId'>) {
  return workspaceId === call.workspaceId && (serverId === call.serverId || origins.includes(call.serverId));
}

function toGranted({ sessionId, expiresAt, environment }: DebugGrant, isDebugger: boolean): Granted {
  return { sessionId, expiresAt, isDebugger, ...(environment === undefined ? {} : { environment }) };
}
