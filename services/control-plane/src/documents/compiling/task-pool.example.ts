/** A script for task processes that follows its instructions. */
export type ExampleTask =
  | { echo: string }
  | { waitMs: number }
  | { do: 'spin' | 'tell-id-and-spin' | 'tell-environment' | 'allocate' | 'die' };

process.on('message', async (task: ExampleTask) => {
  if ('echo' in task) return void process.send?.(task.echo);
  if ('waitMs' in task) return void setTimeout(() => process.send?.('waited'), task.waitMs);
  if (task.do === 'die') process.kill(process.pid, 'SIGKILL');
  // Only once the id is gone, because nothing else follows it.
  if (task.do === 'tell-id-and-spin') return void process.send?.(process.pid, spin);
  if (task.do === 'tell-environment') return void process.send?.({ ...process.env });
  if (task.do === 'spin') spin();
  // In one allocation, so that V8 cannot end only this task.
  JSON.parse(`[${'[],'.repeat(8_000_000)}[]]`);
});
process.send?.('loaded');

function spin(): never {
  for (;;);
}
