/*
 * Decides about a call by the policy of a server. Nothing here reads a clock or does I/O, and nothing throws: whatever
 * cannot be checked, such as arguments that take too much work, counts against the call.
 */
import type { JsonObject, Policy, PolicyLimit, PolicyRule } from '@toolplane/contracts';
import { WorkBudget } from '@toolplane/json-schema';
import { compileArguments, type MatchArguments } from './match-arguments.ts';
import { compileCallers, type MatchCaller, type PolicyCaller } from './match-caller.ts';
import { compileTimes, type TimeCondition } from './match-times.ts';
import { compileTools, type MatchTool, type PolicyTool } from './match-tool.ts';

/** Made once from each published policy, and usable for any number of calls. */
export type CompiledPolicy = {
  /** A rule checks arguments: a listed tool may be refused with some of them. */
  readonly usesArguments: boolean;
  /** A rule checks the time: a decision holds until `changesAt`. */
  readonly usesTimes: boolean;
  readonly usesLimits: boolean;
  readonly unmatched: Policy['unmatched'];
  /** The rules for a tool, in the order in which they decide. */
  readonly rulesFor: (tool: PolicyTool) => readonly CompiledRule[];
  readonly limitsFor: (tool: PolicyTool) => readonly CompiledLimit[];
  readonly times: readonly TimeCondition[];
};

export type PolicyDecision = {
  effect: PolicyRule['effect'];
  /** What made the decision. */
  by: { rule: string } | 'unmatched';
  /** Absent if no rule matched. */
  rule?: PolicyRule;
};

/** An absent condition always holds. */
type CompiledRule = {
  rule: PolicyRule;
  matchCaller: MatchCaller | undefined;
  matchArguments: MatchArguments | undefined;
  times: TimeCondition | undefined;
  decision: PolicyDecision;
};

type Approval = NonNullable<PolicyRule['approval']>;

type CompiledLimit = { limit: PolicyLimit; matchCaller: MatchCaller | undefined };

type Moment = { tool: PolicyTool; caller: PolicyCaller /** Unix milliseconds. */; at: number };

/** The order in which matching rules decide, by their effect. */
const effects = ['deny', 'approve', 'allow'] as const;

/** The policy must have passed `checkPolicy`. Schemas are compiled at their first use. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const inOrder = effects.flatMap((effect) => policy.rules.filter((rule) => rule.effect === effect));
  const rules = inOrder.map((rule) => ({ matchTool: compileTools(rule.tools), compiled: compileRule(rule) }));
  const limits = policy.limits.map((limit) => ({
    matchTool: compileTools(limit.tools),
    compiled: { limit, matchCaller: compileCallers(limit.callers) },
  }));
  const times = rules.flatMap(({ compiled }) => (compiled.times === undefined ? [] : [compiled.times]));
  return {
    usesArguments: rules.some(({ compiled }) => compiled.matchArguments !== undefined),
    usesTimes: times.length > 0,
    usesLimits: limits.length > 0,
    unmatched: policy.unmatched,
    rulesFor: keptByTool(rules),
    limitsFor: keptByTool(limits),
    times,
  };
}

/** `arguments` are those that the tool is run with: checked, with defaults applied. Absent if there are none. */
export function decide(
  policy: CompiledPolicy,
  { tool, caller, at, arguments: callArguments = {} }: Moment & { arguments?: JsonObject | undefined },
): PolicyDecision {
  // One budget of work for all rules, because a caller waits for all of them.
  const work = new WorkBudget();
  for (const { rule, matchCaller, matchArguments, times, decision } of policy.rulesFor(tool)) {
    if (matchCaller !== undefined && !matchCaller(caller)) continue;
    const isDoubtMatch = rule.effect !== 'allow';
    if (times !== undefined && !(times.holdsAt(at) ?? isDoubtMatch)) continue;
    if (matchArguments !== undefined && !(matchArguments(callArguments, work) ?? isDoubtMatch)) continue;
    return decision;
  }
  return unmatchedDecisions[policy.unmatched];
}

/** Whether a call with some arguments could be allowed, or approved, at this moment. */
export function decideListing(policy: CompiledPolicy, { tool, caller, at }: Moment): boolean {
  for (const { rule, matchCaller, matchArguments, times } of policy.rulesFor(tool)) {
    if (matchCaller !== undefined && !matchCaller(caller)) continue;
    if (times !== undefined && !(times.holdsAt(at) ?? rule.effect !== 'allow')) continue;
    if (rule.effect !== 'deny') return true;
    if (matchArguments === undefined) return false;
  }
  return policy.unmatched === 'allow';
}

/** The limits that apply to a call, in the order of the policy. */
export function limitsFor(policy: CompiledPolicy, { tool, caller }: Omit<Moment, 'at'>): PolicyLimit[] {
  return policy
    .limitsFor(tool)
    .filter(({ matchCaller }) => matchCaller?.(caller) ?? true)
    .map(({ limit }) => limit);
}

/** How a call is approved that matches a rule with the effect `approve`. */
export function approvalOf({ approval = { by: 'workspace', validSeconds: 900 } }: PolicyRule): Approval {
  return approval;
}

/**
 * Until this moment (Unix milliseconds, later than `at`), no rule decides differently because of the time. Undefined if
 * there is no such moment. It may be somewhat too early.
 */
export function changesAt({ times }: CompiledPolicy, at: number): number | undefined {
  if (times.length === 0) return undefined;
  return Math.min(...times.map((condition) => condition.nextChangeAfter(at)));
}

const unmatchedDecisions: Record<Policy['unmatched'], PolicyDecision> = {
  allow: { effect: 'allow', by: 'unmatched' },
  deny: { effect: 'deny', by: 'unmatched' },
};

function compileRule(rule: PolicyRule): CompiledRule {
  return {
    rule,
    matchCaller: compileCallers(rule.callers),
    matchArguments: compileArguments(rule.arguments),
    times: compileTimes(rule.times),
    decision: { effect: rule.effect, by: { rule: rule.id }, rule },
  };
}

/** Keeps the results by tool: a tool of a manifest is the same object from call to call. */
function keptByTool<Compiled>(
  all: readonly { matchTool: MatchTool | undefined; compiled: Compiled }[],
): (tool: PolicyTool) => readonly Compiled[] {
  const kept = new WeakMap<PolicyTool, readonly Compiled[]>();
  return (tool) => {
    const known = kept.get(tool);
    if (known !== undefined) return known;
    const matching = all.filter(({ matchTool }) => matchTool?.(tool) ?? true).map(({ compiled }) => compiled);
    kept.set(tool, matching);
    return matching;
  };
}
