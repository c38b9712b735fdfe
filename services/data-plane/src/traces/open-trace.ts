import type { DebugEvent } from '@toolplane/contracts';
import type { OpenTrace } from '../execution/debugging.ts';
import { createEnvironment } from '../execution/environment.ts';
import type { CheckGrant } from './check-grant.ts';
import { createRunTrace } from './run-trace.ts';

/** `append` receives the events of all sessions, each with the id of its session. */
export function createOpenTrace({
  checkGrant,
  append,
  now,
}: {
  checkGrant: CheckGrant;
  append(sessionId: string, event: DebugEvent): void;
  now(): number;
}): OpenTrace {
  return async (callId, call) => {
    const granted = await checkGrant(call.debug, call);
    if (granted === undefined) return undefined;
    const { sessionId, expiresAt, isDebugger, environment } = granted;
    const trace = createRunTrace({
      callId,
      planDigest: call.planDigest,
      caller: call.debug.caller,
      hiddenInputs: call.debug.hiddenInputs,
      keeps: isDebugger,
      report: (event) => {
        // A run may take longer than its session lasts.
        if (now() < expiresAt) append(sessionId, event);
      },
    });
    return {
      trace,
      ...(isDebugger && environment !== undefined ? { environment: createEnvironment(environment) } : {}),
    };
  };
}
