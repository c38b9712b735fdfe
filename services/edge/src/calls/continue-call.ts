import type { HeldCall } from '@toolplane/bus';
import type { JsonObject, Outcome } from '@toolplane/contracts';
import type { Edge } from '../edge.ts';
import { beginCall, type CallParts, recordEnd, type ToolCallAnswer } from './call-target.ts';
import { progressCallbacks } from './call-timeline.ts';
import type { Held } from './held.ts';
import type { TargetCall } from './target-call.ts';

/**
 * Continues a held call in the way that `callTarget` starts one. The call began at this or another edge and passed the
 * gate there. Outcomes that are `not_started` mean that it still waits.
 */
export async function continueCall(
  edge: CallParts & Pick<Edge, 'callSlots'>,
  request: TargetCall,
  held: Held,
  answers: Record<string, JsonObject>,
): Promise<ToolCallAnswer<Outcome>> {
  const { signal, onEvent } = request;
  const begun = beginCall(request);
  const { timeline } = begun;
  // The call is already in its worker.
  timeline.admittedAt = timeline.startedAt;
  let again: HeldCall | undefined;
  const outcome = await edge.calls.goOn(held.call, {
    answers,
    ...(signal === undefined ? {} : { signal }),
    ...(onEvent === undefined ? {} : { onEvent }),
    onReport: progressCallbacks(timeline).onReport,
    onHeld: (it) => {
      again = it;
    },
  });
  if (again !== undefined) return recordEnd(edge, request, begun, { outcome, held: { ...held, call: again } });
  const hasEnded = outcome.outcome !== 'not_started';
  if (hasEnded && held.places !== undefined) edge.callSlots.giveBack(held.places);
  return recordEnd(edge, request, begun, { outcome });
}

/** Stops a call that nobody can continue, and releases its concurrency slots. */
export async function abandonCall(
  { calls, callSlots }: Pick<Edge, 'calls' | 'callSlots'>,
  { call, places }: Held,
): Promise<void> {
  await calls.goOn(call, { answers: {}, signal: AbortSignal.abort() });
  if (places !== undefined) callSlots.giveBack(places);
}
