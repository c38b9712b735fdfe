import { logEvent } from './log-event.ts';
import type { Logger } from './logger.ts';
import type { DropReason } from './telemetry/dropped-spans.ts';

/** What the bus tells: ids and kinds, nothing of a call. */
export function logBusEvent(logger: Logger, queue: string, event: { type: string; error?: unknown }): void {
  const { type, ...rest } = event;
  if ('error' in rest) {
    const { error, ...ids } = rest;
    logEvent(logger, 'error', type, { queue, ...ids, err: error }, { kind: queue });
  } else logEvent(logger, type === 'redis_ready' ? 'info' : 'warn', type, { queue, ...rest }, { kind: queue });
}

/** The collector is away or slow, or more came than is kept: traces have gaps, and nothing else does. */
export function logSpansDropped(logger: Logger, reason: DropReason, count: number): void {
  logEvent(logger, 'warn', 'spans were dropped', { reason, count }, { kind: reason, linesMax: 1 });
}
