import { type MetricLabel, type MetricName, metricBuckets, metrics } from '@toolplane/contracts';
import { Counter, Gauge, Histogram } from 'prom-client';
import { registry } from './registry.ts';

/**
 * The metrics of the table, each made once per process. Whoever counts often keeps what `labels(…)` gives. `collect` sets
 * one when somebody asks; it may take its time, and throws nothing.
 */
export function counter<Name extends MetricName<'counter'>>(
  name: Name,
  collect?: (counter: Counter<MetricLabel<Name>>) => void,
): Counter<MetricLabel<Name>> {
  const made: Counter<MetricLabel<Name>> = new Counter({
    ...commonOf(name),
    labelNames: labelsOf(name),
    ...(collect && { collect: () => collect(made) }),
  });
  return made;
}

export function gauge<Name extends MetricName<'gauge'>>(
  name: Name,
  collect?: (gauge: Gauge<MetricLabel<Name>>) => void | Promise<void>,
): Gauge<MetricLabel<Name>> {
  const made: Gauge<MetricLabel<Name>> = new Gauge({
    ...commonOf(name),
    labelNames: labelsOf(name),
    ...(collect && { collect: () => collect(made) }),
  });
  return made;
}

/** `trace_id` is a label of exemplars alone. */
export function histogram<Name extends MetricName<'histogram'>>(name: Name): Histogram<MetricLabel<Name> | 'trace_id'> {
  const declared = metrics[name];
  return new Histogram({
    ...commonOf(name),
    labelNames: labelsOf(name),
    buckets: [...metricBuckets[declared.buckets]],
    enableExemplars: 'exemplars' in declared,
  }) as Histogram<MetricLabel<Name> | 'trace_id'>;
}

function commonOf(name: keyof typeof metrics) {
  return { name, help: metrics[name].help, registers: [registry] };
}

function labelsOf<Name extends keyof typeof metrics>(name: Name): MetricLabel<Name>[] {
  return [...metrics[name].labels] as MetricLabel<Name>[];
}
