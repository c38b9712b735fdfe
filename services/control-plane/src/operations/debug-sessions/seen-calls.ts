import type { CallOutcome, DebugEvent, ErrorCode } from '@toolplane/contracts';

type CallEvent = Extract<DebugEvent, { kind: 'call' }>;

/** A call in a debug session, derived from its events. Unknown fields are absent. */
export type SeenCall = {
  call_id: string;
  /** The server to which the tool belongs. */
  server_id?: string;
  tool?: string;
  caller?: CallEvent['caller'];
  started_at: string;
  /** The number of events of the call. */
  events: number;
  /** Absent if the call has not ended. */
  outcome?: CallOutcome;
  code?: ErrorCode;
  duration_ms?: number;
};

/** Returns the calls in the order in which they started, or in which their first known event occurred. */
export function toSeenCalls(events: readonly DebugEvent[]): SeenCall[] {
  const calls = new Map<string, SeenCall>();
  for (const event of events) {
    if (event.kind === 'lost') continue;
    const { call_id, at } = event;
    const call: SeenCall = calls.get(call_id) ?? { call_id, started_at: new Date(at).toISOString(), events: 0 };
    call.events += 1;
    if (event.kind === 'call') {
      const { server_id, tool, caller } = event;
      Object.assign(call, { server_id, tool, caller, started_at: new Date(at).toISOString() });
    }
    if (event.kind === 'end') {
      const { outcome, duration_ms, error } = event;
      Object.assign(call, { outcome, duration_ms, ...(error === undefined ? {} : { code: error.code }) });
    }
    calls.set(call_id, call);
  }
  return [...calls.values()];
}
