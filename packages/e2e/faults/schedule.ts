import type { Fault } from './fault.ts';
import { createRandom } from './random.ts';

export type Planned = { faults: readonly Fault[]; holdMs: number; number: number };

/**
 * Yields the injections of a campaign, without end: all faults in a random order, then as many random pairs, and again.
 * They depend only on the seed and the faults.
 */
export function* planInjections(seed: number, faults: readonly Fault[]): Generator<Planned, never> {
  if (faults.length === 0) throw new Error('there is no fault to inject');
  const random = createRandom(seed, 'schedule');
  const plan = (chosen: readonly Fault[], number: number): Planned => {
    const holds = chosen.map(({ holdMs: [min, max] }) => random.between(min, max));
    return { faults: chosen, holdMs: Math.round(Math.max(...holds)), number };
  };
  for (let number = 0; ; ) {
    for (const fault of random.shuffle(faults)) yield plan([fault], number++);
    for (const fault of random.shuffle(faults)) {
      const others = faults.filter((other) => canMeet(fault, other));
      if (others.length > 0) yield plan([fault, random.pick(others)], number++);
    }
  }
}

function canMeet(one: Fault, other: Fault): boolean {
  if (one.isAlone || other.isAlone) return false;
  return !one.touches.some((touched) => other.touches.includes(touched));
}
