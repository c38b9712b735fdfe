import { type CompiledPolicy, changesAt, compileToolNames, decideListing, type PolicyTool } from '@toolplane/policy';
import { LRUCache } from 'lru-cache';
import type { Principal } from '../callers/principal.ts';
import { type PolicyCheck, toCallerFor } from '../manifests/policy-check.ts';
import { memoize } from '../memoize.ts';
import { toPolicyCaller, visibilityKeyOf } from './policy-caller.ts';

/** A tool by the name that its caller knows, and the policies that apply to it there. */
export type CheckedTool = { readonly tool: PolicyTool; readonly checks: readonly PolicyCheck[] };

/** Returns whether this caller could currently call a tool with some arguments. Any other tool is invisible to it. */
export type IsVisible = (tool: CheckedTool) => boolean;

export function createVisibilityCheck(principal: Principal, at: number): IsVisible {
  const isOfKey = isRestricted(principal) ? namesOf(principal.tools) : undefined;
  const caller = toPolicyCaller(principal);
  return ({ tool, checks }) =>
    (isOfKey === undefined || isOfKey(tool)) &&
    checks.every((check) => decideListing(check.policy, { tool: check.tool, caller: toCallerFor(check, caller), at }));
}

/** Returns whether the principal's key is valid for some tools only. */
export function isRestricted(principal: Principal): principal is Principal & { tools: readonly string[] } {
  return principal.kind === 'api-key' && principal.tools !== undefined;
}

/** Returns the time, in Unix milliseconds, until which none of these policies changes its decision. */
export function holdsUntil(policies: ReadonlySet<CompiledPolicy>, at: number): number {
  let until = Number.POSITIVE_INFINITY;
  for (const policy of policies) until = Math.min(until, changesAt(policy, at) ?? until);
  return until;
}

/** A view that a caller sees, and the latest time, in Unix milliseconds, until which it applies. */
export type TimedView<View> = { readonly view: View; readonly until: number };

/** The number of callers that are remembered for one object. */
const CALLERS_MAX = 1000;

/** The views of one object: computed once for each caller, and again when the passing of time may have changed them. */
export type ViewCache<View> = {
  find(principal: Principal, at: number): TimedView<View> | undefined;
  keep(principal: Principal, seen: TimedView<View>): TimedView<View>;
};

export function createViewCache<View>(): ViewCache<View> {
  const known = new LRUCache<string, TimedView<View>>({ max: CALLERS_MAX });
  return {
    find(principal, at) {
      const seen = known.get(visibilityKeyOf(principal));
      return seen !== undefined && at < seen.until ? seen : undefined;
    },
    keep(principal, seen) {
      known.set(visibilityKeyOf(principal), seen);
      return seen;
    },
  };
}

/** Compiles the patterns of a key once: they are the same array until the key's record is published again. */
const namesOf = memoize(compileToolNames);
