/** A script of task processes that does as it is told. */
export type ExampleTask = { echo: string } | { waitMs: number } | { do: 'spin' | 'allocate' | 'die' };

process.on('message', async (task: ExampleTask) => {
  if ('echo' in task) return void process.send?.(task.echo);
  if ('waitMs' in task) return void setTimeout(() => process.send?.('waited'), task.waitMs);
  if (task.do === 'die') process.kill(process.pid, 'SIGKILL');
  if (task.do === 'spin') for (;;);
  // In one go, without a chance for V8 to end only this.
  JSON.parse(`[${'[],'.repeat(8_000_000)}[]]`);
});
process.send?.('loaded');
