import type { MetricLabel, MetricName } from '@toolplane/contracts';
import type { Counter } from 'prom-client';
import { counter } from './metric.ts';

export type Tally = { inc(): void };

type Series = Tally & { readonly values: readonly string[]; count: number };

/**
 * A counter for the hot path: counting only increments a number, from which the metric is updated when it is collected.
 * Returns a function from the values of the labels, in the order of the table, to their tally. Call it once per process
 * for each name.
 */
export function tally<Name extends MetricName<'counter'>>(name: Name): (...values: string[]) => Tally {
  const known = new Map<string, Series>();
  const metric: Counter<MetricLabel<Name>> = counter(name, () => {
    for (const series of known.values()) {
      metric.labels(...series.values).inc(series.count);
      series.count = 0;
    }
  });
  return (...values) => {
    const key = values.join('\n');
    const found = known.get(key);
    if (found !== undefined) return found;
    // Throws for values that do not match the labels: here, not during the collection.
    metric.labels(...values);
    const series: Series = {
      values,
      count: 0,
      inc() {
        series.count += 1;
      },
    };
    known.set(key, series);
    return series;
  };
}
