import type { TakenSlots } from '@toolplane/bus';
import type { PolicyLimit } from '@toolplane/contracts';
import { limitsFor, type PolicyCaller } from '@toolplane/policy';
import { networkOf } from '@toolplane/service-kit';
import { credentialOf } from '../callers/principal.ts';
import type { Edge } from '../edge.ts';
import { toCallerFor } from '../manifests/policy-check.ts';
import { toFailure } from '../protocol/to-failure.ts';
import type { GatedCall, GateRefusal } from './gated-call.ts';
import { limitReached } from './refusals.ts';

/** This long after its deadline, a call has its outcome, or nobody knows what became of it. */
const LATE_MS_MAX = 1000;
/** The suggested pause if all concurrency slots are in use: when a call will end is unknown. */
const FULL_RETRY_MS = 1000;

/** A limit, and the key under which its calls are counted together. */
type Counted = { of: PolicyLimit; key: string };

/**
 * Counts a call against all limits that apply to it, together with all other edges. With `isCounted`, counts it only
 * against limits on the number of calls that run at the same time. A refused call is not counted.
 */
export async function applyLimits(
  { callSlots, callRates }: Pick<Edge, 'callSlots' | 'callRates'>,
  call: GatedCall & { caller: PolicyCaller },
  { until, isCounted }: { until: number; isCounted: boolean },
): Promise<GateRefusal | { places: TakenSlots | undefined }> {
  const counted = findLimits(call);
  if (counted.length === 0) return noSlots;
  const holdMs = Math.max(until - Date.now(), 0) + LATE_MS_MAX;
  const places = counted.flatMap(({ of, key }) =>
    of.concurrent === undefined ? [] : [{ of, key, max: of.concurrent, holdMs }],
  );
  const windows = counted.flatMap(({ of, key }) =>
    of.calls === undefined || isCounted ? [] : [{ of, key, limit: of.calls.max, intervalMs: of.calls.seconds * 1000 }],
  );
  let taken: TakenSlots | undefined;
  try {
    taken = await callSlots.take(places);
    if (taken === undefined) return limitReached(limitsOf(places), FULL_RETRY_MS);
    const waitMs = await callRates.take(windows);
    if (waitMs === 0) return { places: taken };
    callSlots.giveBack(taken);
    return limitReached(limitsOf(windows), waitMs);
  } catch (thrown) {
    // A limit that cannot be counted would be no limit, so the call is refused.
    if (taken !== undefined) callSlots.giveBack(taken);
    return {
      refusal: toFailure(thrown),
      rule: limitsOf(counted)
        .map(({ id }) => id)
        .join(','),
    };
  }
}

const noSlots = { places: undefined };

const limitsOf = (counted: readonly Pick<Counted, 'of'>[]) => counted.map(({ of }) => of);

function findLimits({ checks, caller, ...call }: GatedCall & { caller: PolicyCaller }): Counted[] {
  const { workspaceId } = call.server.manifest;
  const all = checks.flatMap((check) => {
    const { serverId, policy, tool } = check;
    const limits = policy.usesLimits ? limitsFor(policy, { tool, caller: toCallerFor(check, caller) }) : [];
    return limits.map((limit) => ({
      of: limit,
      key: JSON.stringify([workspaceId, serverId, limit.id, limit.per, subjectOf(limit, call)]),
    }));
  });
  // A server in mode SMART applies its policy to its own tools twice: by their slugs, and as the server that they come
  // from.
  return all.filter(({ key }, index) => all.findIndex((other) => other.key === key) === index);
}

/** All callers without a user, or without an agent, are counted together. */
function subjectOf({ per }: PolicyLimit, { principal }: Pick<GatedCall, 'principal'>): string {
  if (per === 'server') return '';
  if (principal.kind === 'anonymous') return per === 'caller' ? networkOf(principal.address ?? '') : '';
  if (per === 'caller') return credentialOf(principal);
  return (per === 'user' ? principal.username : principal.agentId) ?? '';
}
