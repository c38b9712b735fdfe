import type { CallDebug, Manifest } from '@toolplane/contracts';
import type { TargetCall } from './call-target.ts';
import { hiddenInputsOf } from './hidden-inputs.ts';

/**
 * Returns the debug session that is open at the server now. A session expires on its own, whether or not anything is
 * published then.
 */
export function openSessionOf({ debug }: Manifest): Manifest['debug'] {
  return debug !== undefined && debug.expiresAt > Date.now() ? debug : undefined;
}

/**
 * Returns the data that accompanies a call at a server that somebody debugs. The data plane checks the grant, and shows
 * nothing to edges.
 */
export function debugOf({ server, target, principal, debugToken }: TargetCall): CallDebug | undefined {
  const session = openSessionOf(server.manifest);
  // A call without a principal is made by the edge itself, so nobody debugs it.
  if (session === undefined || principal === undefined) return undefined;
  const hiddenInputs = target.inputSchema === undefined ? [] : hiddenInputsOf(target.inputSchema);
  const kind = principal.kind === 'api-key' ? 'key' : principal.kind;
  return {
    grant: session.grant,
    caller: debugToken === undefined ? kind : 'debugger',
    ...(debugToken === undefined ? {} : { token: debugToken }),
    ...(hiddenInputs.length === 0 ? {} : { hiddenInputs: [...hiddenInputs] }),
  };
}
