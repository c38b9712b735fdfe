import { type MetricLabel, type MetricName, metricBuckets, metrics } from '@toolplane/contracts';
import { Counter, Gauge, Histogram } from 'prom-client';
import { registry } from './registry.ts';

/**
 * Creates a metric of the table, which exists once per process. A second call with the same name returns the same
 * metric or, if it passes another `collect`, replaces it with a new one. Code that counts often keeps the result of
 * `labels(…)`. `collect` sets a metric when metrics are collected. It may be slow, and must not throw.
 */
export function counter<Name extends MetricName<'counter'>>(
  name: Name,
  collect?: (counter: Counter<MetricLabel<Name>>) => void,
): Counter<MetricLabel<Name>> {
  const known = collect === undefined ? knownAs<Counter<MetricLabel<Name>>>(name) : undefined;
  if (known !== undefined) return known;
  const made: Counter<MetricLabel<Name>> = new Counter({
    ...openAs(name),
    labelNames: labelsOf(name),
    ...(collect && { collect: () => collect(made) }),
  });
  return made;
}

export function gauge<Name extends MetricName<'gauge'>>(
  name: Name,
  collect?: (gauge: Gauge<MetricLabel<Name>>) => void | Promise<void>,
): Gauge<MetricLabel<Name>> {
  const known = collect === undefined ? knownAs<Gauge<MetricLabel<Name>>>(name) : undefined;
  if (known !== undefined) return known;
  const made: Gauge<MetricLabel<Name>> = new Gauge({
    ...openAs(name),
    labelNames: labelsOf(name),
    ...(collect && { collect: () => collect(made) }),
  });
  return made;
}

/** Only exemplars have the label `trace_id`. */
export function histogram<Name extends MetricName<'histogram'>>(name: Name): Histogram<MetricLabel<Name> | 'trace_id'> {
  const declared = metrics[name];
  return (
    knownAs<Histogram<MetricLabel<Name> | 'trace_id'>>(name) ??
    (new Histogram({
      ...openAs(name),
      labelNames: labelsOf(name),
      buckets: [...metricBuckets[declared.buckets]],
      enableExemplars: 'exemplars' in declared,
    }) as Histogram<MetricLabel<Name> | 'trace_id'>)
  );
}

function knownAs<Known>(name: string): Known | undefined {
  return registry.getSingleMetric(name) as Known | undefined;
}

function openAs(name: keyof typeof metrics) {
  registry.removeSingleMetric(name);
  return { name, help: metrics[name].help, registers: [registry] };
}

function labelsOf<Name extends keyof typeof metrics>(name: Name): MetricLabel<Name>[] {
  return [...metrics[name].labels] as MetricLabel<Name>[];
}
