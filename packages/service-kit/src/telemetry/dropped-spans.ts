import { type Counter, createNoopMeter, type Meter, type MeterProvider } from '@opentelemetry/api';

/** `queue_full`: the collector is unavailable or too slow. `held`: an unsampled trace had more spans than are kept. */
export type DropReason = 'queue_full' | 'not_taken' | 'held';
export type OnDropped = (reason: DropReason, count: number) => void;

/** A meter is the only way in which the SDK reports dropped spans. This meter ignores everything else. */
export function createDropMeter(onDropped: OnDropped): MeterProvider {
  const noop = createNoopMeter();
  const processed: Counter = {
    add(count, attributes) {
      const error = attributes?.['error.type'];
      if (error !== undefined) onDropped(error === 'queue_full' ? 'queue_full' : 'not_taken', count);
    },
  };
  const meter: Meter = {
    createCounter: (name) => (name === PROCESSED ? processed : noop.createCounter(name)),
    createGauge: (name) => noop.createGauge(name),
    createHistogram: (name) => noop.createHistogram(name),
    createUpDownCounter: (name) => noop.createUpDownCounter(name),
    createObservableCounter: (name) => noop.createObservableCounter(name),
    createObservableGauge: (name) => noop.createObservableGauge(name),
    createObservableUpDownCounter: (name) => noop.createObservableUpDownCounter(name),
    addBatchObservableCallback: () => {},
    removeBatchObservableCallback: () => {},
  };
  return { getMeter: () => meter };
}

/** The number of processed spans, exported or not (OpenTelemetry's own name). */
const PROCESSED = 'otel.sdk.processor.span.processed';
