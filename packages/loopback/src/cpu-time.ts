/**
 * Milliseconds that this thread had the processor for: unlike the clock, it stands still while a busy machine does
 * something else.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
