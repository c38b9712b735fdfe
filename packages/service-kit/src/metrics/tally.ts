import type { MetricLabel, MetricName } from '@toolplane/contracts';
import type { Counter } from 'prom-client';
import { counter } from './metric.ts';

export type Tally = { inc(): void };

/**
 * A counter of the hot path: to count is to add one to a number, and the metric is told when somebody asks. Gives what
 * counts for the values of the labels, in the order of the table. Once per process for each name.
 */
export function tally<Name extends MetricName<'counter'>>(name: Name): (...values: string[]) => Tally {
  const series = new Map<string, Series>();
  const metric: Counter<MetricLabel<Name>> = counter(name, () => {
    for (const one of series.values()) one.handOver((values, count) => metric.labels(...values).inc(count));
  });
  return (...values) => {
    const key = values.join('\n');
    const known = series.get(key);
    if (known !== undefined) return known;
    // Throws for values that are not those of the labels, here and not when somebody asks.
    metric.labels(...values);
    const made = new Series(values);
    series.set(key, made);
    return made;
  };
}

class Series implements Tally {
  readonly #values: readonly string[];
  #count = 0;

  constructor(values: readonly string[]) {
    this.#values = values;
  }

  inc(): void {
    this.#count += 1;
  }

  handOver(take: (values: readonly string[], count: number) => void): void {
    take(this.#values, this.#count);
    this.#count = 0;
  }
}
