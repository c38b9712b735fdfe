import { setTimeout as delay } from 'node:timers/promises';
import { CLOCK_MS_MAX } from './clock.ts';
import type { Fault, FaultContext } from './fault.ts';
import type { ManagedProcess } from './stage.ts';

/* Clocks that are moved by two minutes, which is more than any lifetime measured by them, and later reset. */

const STEP_SECONDS = 120;

const owners: Readonly<Record<string, (context: FaultContext) => ManagedProcess>> = {
  Redis: ({ stage }) => stage.redis,
  edge: ({ stage, random }) => random.pick(stage.edges),
  'data plane': ({ stage, random }) => random.pick(stage.dataPlanes),
};

export const clockFaults: readonly Fault[] = Object.entries(owners).flatMap(([owner, choose]) =>
  [STEP_SECONDS, -STEP_SECONDS].map(
    (offset): Fault => ({
      name: `clock of ${owner}: ${offset > 0 ? '+' : '−'}${STEP_SECONDS} s`,
      touches: [owner],
      holdMs: [3_000, 12_000],
      needsClocks: true,
      async inject(context) {
        const { name, clock } = choose(context);
        context.note(`${offset} s: the clock of ${name}`);
        clock?.set(offset);
        return async () => {
          clock?.set(0);
          await delay(CLOCK_MS_MAX);
        };
      },
    }),
  ),
);
