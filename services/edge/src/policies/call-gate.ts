/*
 * The decision of the policies on a tool call, made once its arguments are known to be valid and before it is queued. A
 * tool without policies has no gate. If several policies apply, all of them must allow the call.
 */
import type { TakenPlaces } from '@toolplane/bus';
import type { Failure, InputRequired, JsonObject, Outcome, ToolCall } from '@toolplane/contracts';
import { decide } from '@toolplane/policy';
import type { Principal } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer, Target } from '../manifests/hosted-server.ts';
import { type PolicyCheck, toCallerFor } from '../manifests/policy-check.ts';
import { applyLimits } from './apply-limits.ts';
import { type ApprovalState, createApprovals } from './approvals.ts';
import { toPolicyCaller } from './policy-caller.ts';
import { recordRefusal } from './record-refusal.ts';
import { policyDenied } from './refusals.ts';
import type { ApprovalParts } from './workspace-approval.ts';

/** What a gate uses of the edge. */
export type GateParts = ApprovalParts & Pick<Edge, 'callPlaces' | 'callRates' | 'decisions'>;

/** A call of a tool, on which the gate decides. */
export type GatedCall = {
  /** The server at whose endpoint the call is made. */
  readonly server: HostedServer;
  readonly principal: Principal;
  /** The name by which its caller knows the tool. */
  readonly name: string;
  readonly target: Pick<Target, 'serverId' | 'name' | 'planDigest'>;
  readonly checks: readonly PolicyCheck[];
  /** Returns the data about the caller that the plan receives. Called only if the call needs an approval. */
  readonly readCaller: () => ToolCall['caller'];
  /** The person behind the client can be asked. */
  readonly canAsk: boolean;
};

/** The gate of one call, which may take several rounds of questions. */
export type CallGate = {
  readonly admit: Admit;
  /** Continues with the state of an earlier round, perhaps from another edge. */
  resume(state: ApprovalState): void;
  /** Removes the answer to the gate's own question from a client's answers and returns the others. */
  receiveAnswers<Answer>(responses: Record<string, Answer>): Record<string, Answer>;
  /** Returns the state for the next round, wherever that happens. */
  state(): ApprovalState & {
    /** The names of the workspace's approvals that were used in this round. */
    usedNames: string[];
  };
  /** Releases the approvals for a repeated call. Called if there is no further round and nothing was executed. */
  release(): void;
};

/**
 * Decides on a round of a call before it is run, given the arguments for its plan. `until` is the deadline of the round
 * in Unix milliseconds. Never rejects.
 */
export type Admit = (callArguments: JsonObject, until: number) => Promise<Admission>;
/**
 * A refused call holds no concurrency slots. For an admitted call, `end` has to be called with the outcome of the
 * round, unless the call continues elsewhere and takes its slots (`places`) with it.
 */
export type Admission = Refusal | { places: TakenPlaces | undefined; end(ended: EndedRound): void };
/** `isUnanswered` means that the call was queued and no worker that ran it has answered. */
type EndedRound = { outcome: Outcome; isUnanswered: boolean };
/** `rule` is the rule or limit that decided. */
export type Refusal = { refusal: Failure | InputRequired; rule: string };

/** Opens the gate of one call. Returns undefined if no policy applies. */
export function openGate(edge: GateParts, call: GatedCall): CallGate | undefined {
  return call.checks.length === 0 ? undefined : createGate(edge, call);
}

function createGate(edge: GateParts, call: GatedCall): CallGate {
  const caller = toPolicyCaller(call.principal);
  const approvals = createApprovals(edge, call);
  /** The call was admitted before: limits count it once. */
  let isCounted = false;

  async function admit(callArguments: JsonObject, until: number): Promise<Admission> {
    const admission = await decideAll(callArguments, until);
    if ('refusal' in admission) recordRefusal(edge, call, admission);
    return admission;
  }

  async function decideAll(callArguments: JsonObject, until: number): Promise<Admission> {
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
        if (places !== undefined) edge.callPlaces.giveBack(places);
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
