import { logEvent } from './log-event.ts';
import type { Logger } from './logger.ts';
import { counter } from './metrics/metric.ts';
import type { OnDropped } from './telemetry/dropped-spans.ts';

/** Events of the bus: ids and kinds, nothing of a call. */
export function logBusEvent(logger: Logger, queue: string, event: { type: string; error?: unknown }): void {
  const { type, ...rest } = event;
  if ('error' in rest) {
    const { error, ...ids } = rest;
    logEvent(logger, 'error', type, { queue, ...ids, err: error }, { kind: queue });
  } else logEvent(logger, type === 'redis_ready' ? 'info' : 'warn', type, { queue, ...rest }, { kind: queue });
}

const spansDropped = counter('toolplane_spans_dropped_total');

/** The collector is away or slow, or more came than is kept: traces have gaps, and nothing else does. */
export function tellSpansDropped(logger: Logger): OnDropped {
  return (reason, count) => {
    spansDropped.labels(reason).inc(count);
    logEvent(logger, 'warn', 'spans were dropped', { reason, count }, { kind: reason, linesMax: 1 });
  };
}
