import { type Failure, failed, type PolicyLimit, type PolicyRule } from '@toolplane/contracts';
import { approvalOf, type PolicyDecision } from '@toolplane/policy';
import type { GateRefusal } from './gated-call.ts';

/*
 * The messages that a model receives about a call that a policy does not allow, in the words of the rule if it has a
 * description.
 */

/** The rule id that is reported if no rule matched. */
export const UNMATCHED = 'unmatched';

export function policyDenied({ rule }: Pick<PolicyDecision, 'rule'>): GateRefusal & { refusal: Failure } {
  const message = rule?.description ?? 'The policy of this server does not allow this call';
  const id = rule?.id ?? UNMATCHED;
  return { refusal: failed('not_started', 'policy_denied', message, { details: { rule: id } }), rule: id };
}

/** The refusal of a call that the person behind the client has to approve but cannot be asked about. */
export function personMissing({ id, description }: PolicyRule): GateRefusal {
  const message = `${toSentence(description)}The person behind the client has to approve this call, but this client cannot ask (it needs elicitation)`;
  const details = { rule: id, approval: 'user' };
  return { refusal: failed('not_started', 'approval_required', message, { details }), rule: id };
}

/** The length of the prefix of a request digest that people see, both here and where they approve the call. */
const REQUEST_LENGTH = 12;

/** The refusal of a call that a member of the workspace has to approve. */
export function approvalRequired(rule: PolicyRule, requestDigest: string): GateRefusal {
  const { id, description } = rule;
  const { validSeconds } = approvalOf(rule);
  const request = requestDigest.slice(0, REQUEST_LENGTH);
  const message = `${toSentence(description)}Someone in the workspace has to approve this call: it is in the list of approvals as request ${request}. Ask for the approval, and make the same call again once it is approved, within ${validSeconds} s of the approval`;
  const details = { rule: id, approval: 'workspace', request, valid_seconds: validSeconds };
  return { refusal: failed('not_started', 'approval_required', message, { details }), rule: id };
}

export function approvalDeclined({ id }: PolicyRule, message: string): GateRefusal {
  return { refusal: failed('not_started', 'approval_declined', message, { details: { rule: id } }), rule: id };
}

/** The refusal of a call that has reached one of these limits, which Redis checks together. */
export function limitReached(limits: readonly PolicyLimit[], retryAfterMs: number): GateRefusal {
  const ids = limits.map(({ id }) => id);
  const [only] = limits.length === 1 ? limits : [];
  const message = only?.description ?? `A limit of this server is reached (${ids.join(', ')})`;
  const refusal = failed('not_started', 'rate_limited', message, { retryAfterMs, details: { limits: ids } });
  return { refusal, rule: ids.join(',') };
}

function toSentence(description: string | undefined): string {
  return description === undefined ? '' : `${description.replace(/[^.!?…]$/, '$&.')} `;
}
