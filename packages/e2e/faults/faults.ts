import { changeFaults } from './change-faults.ts';
import { clockFaults } from './clock-faults.ts';
import type { Fault } from './fault.ts';
import { linkFaults } from './link-faults.ts';
import { processFaults } from './process-faults.ts';
import { storeFaults } from './store-faults.ts';

const allFaults: readonly Fault[] = [...processFaults, ...linkFaults, ...clockFaults, ...storeFaults, ...changeFaults];

const LONG_RUN_MINUTES = 10;

/** `only` lists parts of names. If it is empty, short runs leave out the faults that take a minute or more. */
export function chooseFaults({ only, minutes }: { only: readonly string[]; minutes: number }): readonly Fault[] {
  if (only.length === 0) return allFaults.filter(({ isLong }) => isLong === undefined || minutes >= LONG_RUN_MINUTES);
  return allFaults.filter(({ name }) => only.some((part) => name.toLowerCase().includes(part.toLowerCase())));
}
