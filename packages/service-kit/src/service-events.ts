import { logEvent } from './log-event.ts';
import type { Logger } from './logger.ts';
import { counter } from './metrics/metric.ts';
import type { OnDropped } from './telemetry/dropped-spans.ts';

type BusEvent = { type: string; callId?: string; error?: unknown };

/** Logs events of the bus: ids and kinds, nothing of a call. */
export function logBusEvent(logger: Logger, queue: string, event: BusEvent): void {
  const { type, callId, error, ...rest } = event;
  const fields = { queue, ...(callId === undefined ? {} : { call_id: callId }), ...rest };
  // Anything may have been thrown, even `undefined`.
  if ('error' in event) logEvent(logger, 'error', type, { ...fields, err: error }, { kind: queue });
  else logEvent(logger, type === 'redis_ready' ? 'info' : 'warn', type, fields, { kind: queue });
}

const spansDropped = counter('toolplane_spans_dropped_total');

/**
 * Logs that spans were dropped, because the collector is unavailable or slow, or because there were more than are kept.
 * Traces then have gaps; nothing else is affected.
 */
export function logSpansDropped(logger: Logger): OnDropped {
  return (reason, count) => {
    spansDropped.labels(reason).inc(count);
    logEvent(logger, 'warn', 'spans were dropped', { reason, count }, { kind: reason, linesMax: 1 });
  };
}
