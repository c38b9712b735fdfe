import type { WorkflowRun } from './run.ts';

/** A shorter wait is not worth giving up a place. */
const SLOT_WAIT_MS_MIN = 1000;

/** The call continues however full the worker is by then: it was admitted once. */
export async function waitInCall({ run: { services, call }, deadline }: WorkflowRun, waitMs: number): Promise<void> {
  const leftMs = Math.max(0, Math.min(waitMs, deadline - services.clock.now()));
  if (leftMs > SLOT_WAIT_MS_MIN) call.leaveSlot();
  await services.clock.wait(leftMs, call.signal);
}
