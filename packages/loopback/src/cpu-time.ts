/**
 * Milliseconds of processor time that this thread has used. Unlike the clock, it does not advance while a busy machine
 * runs something else.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
