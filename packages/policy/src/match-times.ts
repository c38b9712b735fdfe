import type { PolicyRule } from '@toolplane/contracts';
import { createLocalTime, DAY_MINUTES } from './local-time.ts';

export type TimeCondition = {
  /** Undefined if this cannot be determined, because the time zone is unknown. */
  holdsAt: (at: number) => boolean | undefined;
  /** Unix milliseconds. Until then, the condition neither begins nor ceases to hold. */
  nextChangeAfter: (at: number) => number;
};

type Condition = NonNullable<PolicyRule['times']>;

const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/**
 * Undefined if the condition holds at any time. Hours that continue past midnight belong to the day on which they
 * began.
 */
export function compileTimes(condition: Condition | undefined): TimeCondition | undefined {
  if (condition === undefined) return undefined;
  const { days: named, from, to, timezone } = condition;
  if (named === undefined && from === undefined && to === undefined) return undefined;
  const localTime = createLocalTime(timezone);
  if (localTime === undefined) return { holdsAt: () => undefined, nextChangeAfter: () => Number.POSITIVE_INFINITY };
  const begin = from === undefined ? 0 : toMinutes(from);
  const end = to === undefined ? DAY_MINUTES : toMinutes(to);
  const wanted = new Set((named ?? days).map((day) => days.indexOf(day)));
  return {
    holdsAt: (at) => {
      const { day, minute } = localTime.read(at);
      if (begin < end) return minute >= begin && minute < end && wanted.has(day);
      return minute >= begin ? wanted.has(day) : minute < end && wanted.has((day + 6) % 7);
    },
    nextChangeAfter: (at) => localTime.nextOf([begin, end % DAY_MINUTES], at),
  };
}

function toMinutes(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
