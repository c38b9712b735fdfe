import { type Counter, createNoopMeter, type Meter, type MeterProvider } from '@opentelemetry/api';

/** `queue_full`: the collector is away or too slow. `held`: more than is kept of a trace that was not sampled. */
export type DropReason = 'queue_full' | 'not_taken' | 'held';
export type OnDropped = (reason: DropReason, count: number) => void;

/** The one way in which the SDK tells of spans that it dropped is a meter; this one hears of nothing else. */
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

/** Spans done with, exported or not (OpenTelemetry's own name). */
const PROCESSED = 'otel.sdk.processor.span.processed';
