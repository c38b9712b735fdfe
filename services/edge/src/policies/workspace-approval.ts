import type { Json, JsonObject, PolicyRule } from '@toolplane/contracts';
import { approvalOf } from '@toolplane/policy';
import { principalIdOf } from '../callers/principal.ts';
import { toLastingCaller } from '../callers/read-caller.ts';
import type { Edge } from '../edge.ts';
import type { PolicyCheck } from '../manifests/policy-check.ts';
import { toFailure } from '../protocol/to-failure.ts';
import { type Use, useOnce } from '../use-once.ts';
import type { GatedCall, GateRefusal } from './gated-call.ts';
import { toPolicyCaller } from './policy-caller.ts';
import { approvalDeclined, approvalRequired } from './refusals.ts';

/** The number of argument names that the approver sees, and the maximum length of each. */
const NAMES_MAX = 50;
const NAME_LENGTH_MAX = 100;
/** Tool names are shorter; URIs of resources may be longer and are cut. */
const TOOL_LENGTH_MAX = 300;

/** What approvals use of the edge. */
export type ApprovalParts = Pick<Edge, 'approvalRequests' | 'digestRequest' | 'snapshot' | 'store' | 'usedOnce'>;

type Wanted = { check: PolicyCheck; rule: PolicyRule; callArguments: JsonObject };
/** `name` identifies this approval in Redis. `validUntil` is in Unix milliseconds. */
export type UsedApproval = Use & { name: string; validUntil: number };

/**
 * Uses up an approval by a member of the workspace, which is valid once, for this call with these arguments by this
 * caller. A call that nobody has decided about is added to the list of approvals.
 */
export async function useWorkspaceApproval(
  edge: ApprovalParts,
  call: GatedCall,
  wanted: Wanted,
): Promise<GateRefusal | UsedApproval> {
  const { workspaceId } = call.server.manifest;
  try {
    const requestDigest = digestCall(edge, call, wanted);
    const approvalRequest = (usedApprovalId?: string): GateRefusal => {
      edge.approvalRequests.note({
        ...toApprovalRequest(call, wanted),
        requestDigest,
        ...(usedApprovalId === undefined ? {} : { usedApprovalId }),
      });
      return approvalRequired(wanted.rule, requestDigest);
    };
    const approval = await edge.snapshot.getApproval(workspaceId, requestDigest);
    if (approval === undefined || approval.validUntil <= Date.now()) return approvalRequest();
    if (approval.state === 'denied') return approvalDeclined(wanted.rule, 'Someone in the workspace denied this call');
    const { approvalId, validUntil } = approval;
    const name = `approval ${workspaceId} ${approvalId}`;
    const use = await useOnce(edge, name, validUntil);
    return use === undefined ? approvalRequest(approvalId) : { ...use, name, validUntil };
  } catch (thrown) {
    return { refusal: toFailure(thrown), rule: wanted.rule.id };
  }
}

/**
 * Computes a digest of everything that makes it the same call, including what its plan does and the data it receives.
 * An approved payment does not approve a payment that is declared or configured differently afterwards, or one from
 * another account. Only edges can determine what a digest stands for.
 */
function digestCall(
  { digestRequest }: Pick<Edge, 'digestRequest'>,
  { server, principal, target, readCaller }: GatedCall,
  { check, rule, callArguments }: Wanted,
) {
  // The same caller has a different token an hour later.
  const caller = toLastingCaller(readCaller());
  // Callers without a key are distinguished by their addresses.
  const address = principal.kind === 'anonymous' ? (principal.address ?? '') : '';
  return digestRequest([
    server.manifest.workspaceId,
    server.manifest.serverId,
    target.serverId,
    target.name,
    target.planDigest,
    caller as Json,
    principalIdOf(principal),
    address,
    check.serverId,
    rule.id,
    callArguments,
  ]);
}

function toApprovalRequest({ server, principal, name }: GatedCall, { check, rule, callArguments }: Wanted) {
  const { kind, keyId, agentId, username } = toPolicyCaller(principal);
  const clientId = principal.kind === 'token' ? principal.clientId : undefined;
  const names = Object.keys(callArguments).sort().slice(0, NAMES_MAX);
  return {
    workspaceId: server.manifest.workspaceId,
    // A tool that another workspace lends is approved here, at the server that was called.
    serverId: check.isLent ? server.manifest.serverId : check.serverId,
    tool: (check.isLent ? name : check.tool.name).slice(0, TOOL_LENGTH_MAX),
    ruleId: rule.id,
    caller: {
      kind,
      ...(keyId === undefined ? {} : { keyId }),
      ...(agentId === undefined ? {} : { agentId }),
      ...(username === undefined ? {} : { username }),
      ...(clientId === undefined ? {} : { clientId }),
    },
    argumentNames: names.map((name) => name.slice(0, NAME_LENGTH_MAX)),
    validSeconds: approvalOf(rule).validSeconds,
  };
}
