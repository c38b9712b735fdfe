import { Script } from 'node:vm';

const script = new Script('run()');

/** If stopped work received less than this share of its time as processor time, it did not take too long. */
const OWN_SHARE = 0.75;

/**
 * Stops synchronous work that takes too long, which is the only bound that works for a library; returns undefined then.
 * The clock that stops the work continues while a busy machine makes the process wait. In that case, the work is
 * repeated once, so it must not change anything outside.
 */
export function withinTime<T>(timeoutMs: number, work: () => T): T | undefined {
  const start = process.threadCpuUsage();
  const done = runWithTimeout(timeoutMs, work);
  if (done !== undefined) return done.value;
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000 < timeoutMs * OWN_SHARE ? runWithTimeout(timeoutMs, work)?.value : undefined;
}

function runWithTimeout<T>(timeoutMs: number, work: () => T): { value: T } | undefined {
  let done: { value: T } | undefined;
  const run = () => {
    done = { value: work() };
  };
  try {
    script.runInNewContext({ run }, { timeout: timeoutMs });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw thrown;
  }
  return done;
}
