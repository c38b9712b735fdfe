import type { JsonObject, PolicyRule } from '@toolplane/contracts';
import { approvalOf } from '@toolplane/policy';
import type { PolicyCheck } from '../manifests/policy-check.ts';
import { APPROVAL, isApproved, toApprovalQuestion } from './approval-question.ts';
import type { CallGate, GatedCall, GateRefusal } from './gated-call.ts';
import { approvalDeclined, personMissing } from './refusals.ts';
import { type ApprovalParts, type UsedApproval, useWorkspaceApproval } from './workspace-approval.ts';

/** The prefix of the keys of approvals by the workspace. */
const BY_WORKSPACE = 'workspace ';

/** The approvals of one call. */
export type CallApprovals = Pick<CallGate, 'receiveAnswers' | 'state' | 'resume' | 'release'> & {
  /** Keeps the approvals used up: the call may have run. */
  keep(): void;
  /** Returns undefined if the call has the approval that this rule requires. */
  ask(check: PolicyCheck, rule: PolicyRule, callArguments: JsonObject): Promise<GateRefusal | undefined>;
};

/** Returns whether a rule may require the approval of the person behind the client. */
export function mayAskPerson({ policy, tool }: PolicyCheck): boolean {
  return policy.rulesFor(tool).some(({ rule }) => rule.effect === 'approve' && approvalOf(rule).by === 'user');
}

export function createCallApprovals(edge: ApprovalParts, call: GatedCall): CallApprovals {
  const approved = new Set<string>();
  /** Approvals by the workspace that this edge has used for this call. */
  const used = new Map<string, UsedApproval>();
  /** The time when the first approval that was used in earlier rounds ends. */
  let endsAt: number | undefined;
  let asked: string | undefined;
  let answer: unknown;

  function askPerson(key: string, rule: PolicyRule, callArguments: JsonObject): GateRefusal | undefined {
    if (asked === key && answer !== undefined) {
      asked = undefined;
      if (!isApproved(answer)) return approvalDeclined(rule, 'The person behind the client did not approve this call');
      approved.add(key);
      return undefined;
    }
    if (!call.canAsk) return personMissing(rule);
    asked = key;
    answer = undefined;
    const { name, server } = call;
    return { refusal: toApprovalQuestion({ name, title: server.manifest.title, callArguments }, rule), rule: rule.id };
  }

  return {
    async ask(check, rule, callArguments) {
      const { by } = approvalOf(rule);
      const key = `${by} ${check.serverId} ${rule.id}`;
      if (approved.has(key)) return undefined;
      if (by === 'user') return askPerson(key, rule, callArguments);
      const use = await useWorkspaceApproval(edge, call, { check, rule, callArguments });
      if ('refusal' in use) return use;
      approved.add(key);
      used.set(key, use);
      return undefined;
    },
    release() {
      for (const [key, use] of used) {
        void use.release();
        approved.delete(key);
      }
      used.clear();
    },
    keep: () => used.clear(),
    resume(state) {
      for (const key of state.approved ?? []) approved.add(key);
      asked = state.asked;
      endsAt = state.approved?.some((key) => key.startsWith(BY_WORKSPACE)) ? state.endsAt : undefined;
    },
    receiveAnswers(responses) {
      if (asked === undefined) return responses;
      const { [APPROVAL]: own, ...others } = responses;
      answer = own ?? null;
      return others;
    },
    state() {
      const uses = [...used.values()];
      const ends = [...uses.map(({ validUntil }) => validUntil), ...(endsAt === undefined ? [] : [endsAt])];
      return {
        asked,
        approved: [...approved],
        endsAt: ends.length === 0 ? undefined : Math.min(...ends),
        usedNames: uses.map(({ name }) => name),
      };
    },
  };
}
