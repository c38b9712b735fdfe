/*
 * What the policies say of a call of a tool, asked when its arguments are known to be right and before it is queued. A
 * tool that no policy holds for has no gate. Of several policies all must let a call through.
 */
import type { TakenPlaces } from '@toolplane/bus';
import type { Failure, InputRequired, JsonObject, Outcome, ToolCall } from '@toolplane/contracts';
import { decide } from '@toolplane/policy';
import type { Principal } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import type { HostedServer, Target } from '../manifests/hosted-server.ts';
import { type ApprovalState, createApprovals } from './approvals.ts';
import { noteRefusal } from './note-refusal.ts';
import { toPolicyCaller } from './policy-caller.ts';
import type { PolicyCheck } from './policy-check.ts';
import { policyDenied } from './refusals.ts';
import { takeLimits } from './take-limits.ts';

/** A call of a tool by somebody. */
export type GatedCall = {
  /** At whose endpoint. */
  readonly server: HostedServer;
  readonly principal: Principal;
  /** As its caller knows the tool. */
  readonly name: string;
  readonly target: Pick<Target, 'serverId' | 'name' | 'planDigest'>;
  readonly checks: readonly PolicyCheck[];
  /** What its plan is told of the caller: asked for only where the call needs an approval. */
  readonly readCaller: () => ToolCall['caller'];
  /** Whoever is behind the client can be asked. `later`: who refuses for that tries again where they can. */
  readonly canAsk: boolean | 'later';
};

/** Of one call, however many rounds of questions it takes. */
export type CallGate = {
  readonly admit: Admit;
  /** The call began before, perhaps at another edge. */
  goOn(state: ApprovalState): void;
  /** Takes the answer to the gate's own question out of those of a client, and gives the others. */
  takeAnswer<Answer>(responses: Record<string, Answer>): Record<string, Answer>;
  /** For the next round, wherever that is. */
  state(): ApprovalState;
  /** The last round was refused because nobody could be asked. */
  lacksPerson(): boolean;
};

/**
 * Before each round of a call, with the arguments that its plan is run with. `until` is the deadline of the round, Unix
 * milliseconds. Never rejects.
 */
export type Admit = (callArguments: JsonObject, until: number) => Promise<Admission>;
/**
 * Of a call that is refused nothing is held. `end` is to be called with what became of the round, unless the call goes on
 * elsewhere and its places with it.
 */
export type Admission = Refusal | { places: TakenPlaces | undefined; end(outcome: Outcome): void };
/** `rule` is the rule or limit that decided. */
export type Refusal = { refusal: Failure | InputRequired; rule: string };

/** Asked for each call of a tool. Undefined: nothing stands in its way. */
export function openGate(edge: Edge, call: GatedCall): CallGate | undefined {
  return call.checks.length === 0 ? undefined : createGate(edge, call);
}

function createGate(edge: Edge, call: GatedCall): CallGate {
  const caller = toPolicyCaller(call.principal);
  const approvals = createApprovals(edge, call);
  /** It was let through before: for the limits of calls it is one call. */
  let isCounted = false;

  async function admit(callArguments: JsonObject, until: number): Promise<Admission> {
    const admission = await decideAll(callArguments, until);
    const isTriedAgain = call.canAsk === 'later' && approvals.lacksPerson();
    if ('refusal' in admission && !isTriedAgain) noteRefusal(edge, call, admission);
    return admission;
  }

  async function decideAll(callArguments: JsonObject, until: number): Promise<Admission> {
    const at = Date.now();
    const decided = call.checks.map((check) => ({
      check,
      decision: decide(check.policy, { tool: check.tool, caller, at, arguments: callArguments }),
    }));
    // Nobody is asked to approve what is refused anyway.
    const denied = decided.find(({ decision }) => decision.effect === 'deny');
    if (denied !== undefined) return policyDenied(denied.decision);
    for (const { check, decision } of decided) {
      if (decision.effect !== 'approve' || decision.rule === undefined) continue;
      const refusal = await approvals.ask(check, decision.rule, callArguments);
      if (refusal === undefined) continue;
      // While a person is asked, what others have approved is kept for the answer.
      if (!refusal.refusal.ok) approvals.giveBack();
      return refusal;
    }
    const limits = await takeLimits(edge, { ...call, caller }, { until, isCounted });
    if ('refusal' in limits) {
      approvals.giveBack();
      return limits;
    }
    isCounted = true;
    const { places } = limits;
    return {
      places,
      end(outcome) {
        if (places !== undefined) edge.callPlaces.giveBack(places);
        if (outcome.outcome === 'not_started') approvals.giveBack();
      },
    };
  }

  return {
    admit,
    goOn(state) {
      isCounted = state.asked === undefined;
      approvals.goOn(state);
    },
    takeAnswer: approvals.takeAnswer,
    state: approvals.state,
    lacksPerson: approvals.lacksPerson,
  };
}
