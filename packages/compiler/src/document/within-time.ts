import { Script } from 'node:vm';

const script = new Script('run()');

/** Stops synchronous work that takes too long, the one bound that holds for a library; undefined when it did. */
export function withinTime<T>(timeoutMs: number, work: () => T): T | undefined {
  let result: T | undefined;
  const run = () => {
    result = work();
  };
  try {
    script.runInNewContext({ run }, { timeout: timeoutMs });
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return undefined;
    throw thrown;
  }
  return result;
}
