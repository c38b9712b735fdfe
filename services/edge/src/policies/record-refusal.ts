import type { ErrorCode } from '@toolplane/contracts';
import { credentialOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { GatedCall, GateRefusal } from './gated-call.ts';
import { toPolicyCaller } from './policy-caller.ts';
import { UNMATCHED } from './refusals.ts';

const actions: Partial<Record<ErrorCode, Parameters<Edge['decisions']['note']>[0]['action']>> = {
  policy_denied: 'call.denied',
  approval_required: 'call.approval_required',
  approval_declined: 'call.declined',
  rate_limited: 'call.limited',
};

/** Reports a call that a policy did not allow to the audit log, without its arguments. A question is not a refusal. */
export function recordRefusal(
  { decisions }: Pick<Edge, 'decisions'>,
  { server, principal, name }: GatedCall,
  { refusal, rule }: GateRefusal,
): void {
  const action = refusal.ok ? undefined : actions[refusal.error.code];
  if (action === undefined) return;
  const { kind, agentId, username } = toPolicyCaller(principal);
  decisions.note({
    workspaceId: server.manifest.workspaceId,
    serverId: server.manifest.serverId,
    tool: name,
    action,
    ...(rule === UNMATCHED ? {} : { rule }),
    caller: {
      kind,
      id: principal.kind === 'anonymous' ? '' : credentialOf(principal),
      ...(agentId === undefined ? {} : { agentId }),
      ...(username === undefined ? {} : { username }),
    },
  });
}
