import type { HeldCall } from '@toolplane/bus';
import type { JsonObject, Outcome } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { inCallSpan, type TargetCall, type ToolCallAnswer } from './call-target.ts';
import { noteOn } from './call-trail.ts';
import type { Held } from './held.ts';

/**
 * Like `callTarget`, for a call that was held: it began at this edge or another one, and passed the gate there.
 * Outcomes that are `not_started` say that it still waits.
 */
export function goOnTarget(
  edge: Pick<Edge, 'calls' | 'callLog' | 'callPlaces' | 'logger' | 'store'>,
  request: TargetCall,
  held: Held,
  answers: Record<string, JsonObject>,
): Promise<ToolCallAnswer<Outcome>> {
  const { signal, onEvent } = request;
  return inCallSpan(edge, request, async ({ trail }) => {
    // It is in its worker already.
    trail.admittedAt = trail.startedAt;
    let again: HeldCall | undefined;
    const outcome = await edge.calls.goOn(held.call, {
      answers,
      ...(signal === undefined ? {} : { signal }),
      ...(onEvent === undefined ? {} : { onEvent }),
      onReport: noteOn(trail).onReport,
      onHeld: (it) => {
        again = it;
      },
    });
    if (again !== undefined) return { outcome, held: { ...held, call: again } };
    const hasEnded = outcome.outcome !== 'not_started';
    if (hasEnded && held.places !== undefined) edge.callPlaces.giveBack(held.places);
    return { outcome };
  });
}

/** Stops a call that nobody can continue, and gives back what it holds. */
export async function abandon(
  { calls, callPlaces }: Pick<Edge, 'calls' | 'callPlaces'>,
  { call, places }: Held,
): Promise<void> {
  await calls.goOn(call, { answers: {}, signal: AbortSignal.abort() });
  if (places !== undefined) callPlaces.giveBack(places);
}
