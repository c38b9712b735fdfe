import type { WorkflowRun } from './run.ts';

/** A shorter wait is not worth giving up the slot in the worker. */
const SLOT_WAIT_MS_MIN = 1000;

/** After the wait, the call continues even if the worker is full, because it was admitted before. */
export async function waitInCall({ run: { services, call }, deadline }: WorkflowRun, waitMs: number): Promise<void> {
  const leftMs = Math.max(0, Math.min(waitMs, deadline - services.clock.now()));
  if (leftMs > SLOT_WAIT_MS_MIN) call.leaveSlot();
  await services.clock.wait(leftMs, call.signal);
}
