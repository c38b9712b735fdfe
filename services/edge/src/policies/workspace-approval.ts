import { randomBytes } from 'node:crypto';
import { type Approval, failed, type Json, type JsonObject, type PolicyRule, toAppError } from '@toolplane/contracts';
import { approvalOf } from '@toolplane/policy';
import { principalIdOf } from '../callers/principal.ts';
import { toLastingCaller } from '../callers/read-caller.ts';
import type { Edge } from '../edge.ts';
import type { PolicyCheck } from '../manifests/policy-check.ts';
import { trySoon } from '../try-soon.ts';
import type { GatedCall, Refusal } from './call-gate.ts';
import { toPolicyCaller } from './policy-caller.ts';
import { approvalDeclined, approvalRequired } from './refusals.ts';

/** A used approval is remembered longer than it is valid, because clocks differ. */
const SPARE_MS = 60_000;
/** How many names of arguments the approver sees, and how much of each. */
const NAMES_MAX = 50;
const NAME_LENGTH_MAX = 100;
/** Names of tools are shorter; URIs of resources need not be. */
const TOOL_LENGTH_MAX = 300;

type Wanted = { check: PolicyCheck; rule: PolicyRule; callArguments: JsonObject };
type Used = { giveBack(): void };

/**
 * Uses up an approval by a member of the workspace: for this very call, with these arguments, by this caller, once. A
 * call that nobody has decided about comes into the list of approvals.
 */
export async function useWorkspaceApproval(edge: Edge, call: GatedCall, wanted: Wanted): Promise<Refusal | Used> {
  const { workspaceId } = call.server.manifest;
  try {
    const requestDigest = digestCall(edge, call, wanted);
    const wish = (usedApprovalId?: string): Refusal => {
      edge.approvalWishes.note({
        ...toWish(call, wanted),
        requestDigest,
        ...(usedApprovalId === undefined ? {} : { usedApprovalId }),
      });
      return approvalRequired(wanted.rule, requestDigest);
    };
    const approval = await edge.snapshot.getApproval(workspaceId, requestDigest);
    if (approval === undefined || approval.validUntil <= Date.now()) return wish();
    if (approval.state === 'denied') return approvalDeclined(wanted.rule, 'Someone in the workspace denied this call');
    return (await useUp(edge, approval)) ?? wish(approval.approvalId);
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    return { refusal: failed('not_started', code, message), rule: wanted.rule.id };
  }
}

/**
 * Undefined when it was used before. Redis remembers it for all edges. Somebody who writes to Redis can make it forget,
 * so this edge also remembers what it used itself.
 */
async function useUp(
  { store, usedApprovals }: Edge,
  { workspaceId, approvalId, validUntil }: Approval,
): Promise<Used | undefined> {
  const nonce = `approval ${workspaceId} ${approvalId}`;
  const user = randomBytes(16).toString('base64url');
  const leftMs = validUntil - Date.now() + SPARE_MS;
  if (usedApprovals.has(nonce)) return undefined;
  usedApprovals.set(nonce, true, { ttl: leftMs });
  const giveBack = () => {
    usedApprovals.delete(nonce);
    void trySoon(() => store.releaseOnce(nonce, user));
  };
  try {
    if (await store.useOnce(nonce, leftMs, user)) return { giveBack };
    // Another edge has used it, and may give it back.
    usedApprovals.delete(nonce);
    return undefined;
  } catch (thrown) {
    // It may have been recorded nevertheless.
    giveBack();
    throw thrown;
  }
}

/**
 * Everything that makes it the same call, including what its plan does and what it is told: approving a payment
 * approves no payment that is declared or configured differently afterwards, and none from another account. Only edges
 * can tell what a digest stands for.
 */
function digestCall(
  { digestRequest }: Edge,
  { server, principal, target, readCaller }: GatedCall,
  { check, rule, callArguments }: Wanted,
) {
  // The same caller has another token an hour later.
  const caller = toLastingCaller(readCaller());
  // Callers without a key are told apart by their addresses.
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

function toWish({ server, principal, name }: GatedCall, { check, rule, callArguments }: Wanted) {
  const { kind, keyId, agentId, username } = toPolicyCaller(principal);
  const clientId = principal.kind === 'token' ? principal.clientId : undefined;
  const names = Object.keys(callArguments).sort().slice(0, NAMES_MAX);
  return {
    workspaceId: server.manifest.workspaceId,
    // What another workspace lends is approved here, at the server that was called.
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
