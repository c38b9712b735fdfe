import type { JsonObject } from '@toolplane/contracts';
import { decide } from '@toolplane/policy';
import type { Edge } from '../edge.ts';
import { toCallerFor } from '../manifests/policy-check.ts';
import { applyLimits } from './apply-limits.ts';
import { createCallApprovals } from './call-approvals.ts';
import type { CallGate, GateDecision, GatedCall } from './gated-call.ts';
import { toPolicyCaller } from './policy-caller.ts';
import { recordRefusal } from './record-refusal.ts';
import { policyDenied } from './refusals.ts';
import type { ApprovalParts } from './workspace-approval.ts';

/** What a gate uses of the edge. */
export type GateParts = ApprovalParts & Pick<Edge, 'callSlots' | 'callRates' | 'decisions'>;

/** Opens the gate of one call. Returns undefined if no policy applies. */
export function openGate(edge: GateParts, call: GatedCall): CallGate | undefined {
  return call.checks.length === 0 ? undefined : createGate(edge, call);
}

function createGate(edge: GateParts, call: GatedCall): CallGate {
  const caller = toPolicyCaller(call.principal);
  const approvals = createCallApprovals(edge, call);
  /** The call was admitted before: limits count it once. */
  let isCounted = false;

  async function admit(callArguments: JsonObject, until: number): Promise<GateDecision> {
    const admission = await decideAll(callArguments, until);
    if ('refusal' in admission) recordRefusal(edge, call, admission);
    return admission;
  }

  async function decideAll(callArguments: JsonObject, until: number): Promise<GateDecision> {
    const at = Date.now();
    const decided = call.checks.map((check) => ({
      check,
      decision: decide(check.policy, {
        tool: check.tool,
        caller: toCallerFor(check, caller),
        at,
        arguments: callArguments,
      }),
    }));
    // Nobody is asked to approve a call that is refused anyway.
    const denied = decided.find(({ decision }) => decision.effect === 'deny');
    if (denied !== undefined) return policyDenied(denied.decision);
    for (const { check, decision } of decided) {
      if (decision.effect !== 'approve' || decision.rule === undefined) continue;
      const refusal = await approvals.ask(check, decision.rule, callArguments);
      if (refusal === undefined) continue;
      // While a person is asked, the other approvals stay used until the answer arrives.
      if (!refusal.refusal.ok) approvals.release();
      return refusal;
    }
    const limits = await applyLimits(edge, { ...call, caller }, { until, isCounted });
    if ('refusal' in limits) {
      approvals.release();
      return limits;
    }
    isCounted = true;
    const { places } = limits;
    return {
      places,
      end({ outcome, isUnanswered }) {
        if (places !== undefined) edge.callSlots.giveBack(places);
        // In this case only Redis says that the call was not started, and anybody who can write to Redis can forge
        // that.
        if (isUnanswered) approvals.keep();
        else if (outcome.outcome === 'not_started') approvals.release();
      },
    };
  }

  return {
    admit,
    resume(state) {
      isCounted = state.asked === undefined;
      approvals.resume(state);
    },
    receiveAnswers: approvals.receiveAnswers,
    state: approvals.state,
    release: approvals.release,
  };
}
