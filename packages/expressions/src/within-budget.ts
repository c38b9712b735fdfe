import { createContext, Script } from 'node:vm';
import { type Budget, UNITS_PER_MS } from './budget.ts';

/** The limit that applies however large the budget is, because the process has other calls to serve. */
export const WORK_MS_MAX = 100;

/** If stopped work received less than this share of its time as processor time, it did not take too long. */
const OWN_SHARE = 0.75;

const context = createContext({ work: undefined });
const script = new Script('work()');

/**
 * Runs a library on untrusted values until the budget is used up: the one bound for work that cannot be counted. This
 * is not a sandbox. It takes 0.2 ms longer than the work itself. The work may run twice and be stopped anywhere, so it
 * must not change anything outside.
 */
export function withinBudget<T>(budget: Budget, work: () => T): T {
  const timeoutMs = Math.floor(Math.min(WORK_MS_MAX, budget.unitsLeft / UNITS_PER_MS));
  if (timeoutMs < 1) throw budget.createError();
  const start = process.threadCpuUsage();
  let done: { value: T } | undefined;
  try {
    done = runWithTimeout(timeoutMs, work);
    // The clock that stops the work continues to run while a busy machine makes the process wait.
    if (done === undefined && usedMs(start) < timeoutMs * OWN_SHARE) done = runWithTimeout(timeoutMs, work);
  } finally {
    budget.unitsLeft -= usedMs(start) * UNITS_PER_MS;
  }
  if (done === undefined) throw budget.createError();
  return done.value;
}

function runWithTimeout<T>(timeoutMs: number, work: () => T): { value: T } | undefined {
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
