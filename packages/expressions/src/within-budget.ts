import { createContext, Script } from 'node:vm';
import { type Budget, UNITS_PER_MS } from './budget.ts';

/** However large the budget is: the process has others to serve. */
export const WORK_MS_MAX = 100;

/** Work that was stopped and had less than this share of its time for itself did not take too long. */
const OWN_SHARE = 0.75;

const context = createContext({ work: undefined });
const script = new Script('work()');

/**
 * Runs what a library does with values of others, for as long as the budget lasts: the one bound for work that cannot
 * be counted. Not a sandbox. Takes 0.2 ms more than the work, which may run twice and be stopped anywhere, so it must
 * not change anything outside.
 */
export function withinBudget<T>(budget: Budget, work: () => T): T {
  const timeoutMs = Math.floor(Math.min(WORK_MS_MAX, budget.unitsLeft / UNITS_PER_MS));
  if (timeoutMs < 1) throw budget.createError();
  const start = process.threadCpuUsage();
  let done: { value: T } | undefined;
  try {
    done = runFor(timeoutMs, work);
    // The clock that stops the work continues while a busy machine makes the process wait.
    if (done === undefined && usedMs(start) < timeoutMs * OWN_SHARE) done = runFor(timeoutMs, work);
  } finally {
    budget.unitsLeft -= usedMs(start) * UNITS_PER_MS;
  }
  if (done === undefined) throw budget.createError();
  return done.value;
}

function runFor<T>(timeoutMs: number, work: () => T): { value: T } | undefined {
  let done: { value: T } | undefined;
  context['work'] = () => {
    done = { value: work() };
  };
  try {
    script.runInContext(context, { timeout: timeoutMs });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown;
  } finally {
    context['work'] = undefined;
  }
  return done;
}

function usedMs(start: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000;
}
