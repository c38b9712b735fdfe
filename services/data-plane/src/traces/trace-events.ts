import { type DebugCallEvent, type DebugEvent, type DebugValue, debugLimits } from '@toolplane/contracts';

/** An event without the members that all events of a call share. */
export type ReportedEvent<Event = DebugCallEvent> = Event extends DebugCallEvent
  ? Omit<Event, 'call_id' | 'seq' | 'at'>
  : never;

/** The events of one call, in order and within their limits. */
export type TraceEvents = {
  emit(makeReported: () => ReportedEvent): void;
  /** The number of events that exceeded the limit, or could not be shown. */
  leftOut(): number;
  kept(): readonly DebugCallEvent[];
};

export function createTraceEvents({
  callId,
  report,
  keeps,
  now,
}: {
  callId: string;
  report(event: DebugEvent): void;
  /** True if `kept` will be called. */
  keeps: boolean;
  now(): number;
}): TraceEvents {
  const kept: DebugCallEvent[] = [];
  let keptBytes = 0;
  let seq = 0;
  let leftOut = 0;

  function keep(event: DebugCallEvent): void {
    const bytes = JSON.stringify(event).length;
    const isSmall = keptBytes + bytes <= debugLimits.traceBytesMax;
    kept.push(isSmall ? event : withoutValues(event));
    keptBytes += isSmall ? bytes : 0;
  }

  return {
    emit(makeReported) {
      try {
        const reported = makeReported();
        if (seq >= debugLimits.eventsPerCallMax && reported.kind !== 'end') {
          leftOut += 1;
          return;
        }
        const event = { ...reported, call_id: callId, seq: seq++, at: now() } as DebugCallEvent;
        if (keeps) keep(event);
        report(event);
      } catch {
        // A value that cannot be shown must not fail a run.
        leftOut += 1;
      }
    },
    leftOut: () => leftOut,
    kept: () => kept,
  };
}

function withoutValues(event: DebugCallEvent): DebugCallEvent {
  return JSON.parse(JSON.stringify(event), (_name, member) =>
    isValue(member) ? { bytes: member.bytes, is_cut: true } : member,
  );
}

function isValue(member: unknown): member is DebugValue {
  return typeof member === 'object' && member !== null && 'bytes' in member && 'value' in member;
}
