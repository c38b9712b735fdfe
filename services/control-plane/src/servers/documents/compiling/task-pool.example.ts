/** A script for task processes that does what each message requests. */
export type ExampleTask =
  | { echo: string }
  | { waitMs: number }
  | { do: 'spin' | 'tell-id-and-spin' | 'tell-environment' | 'allocate' | 'die' };

process.on('message', async (task: ExampleTask) => {
  if ('echo' in task) return void process.send?.(task.echo);
  if ('waitMs' in task) return void setTimeout(() => process.send?.('waited'), task.waitMs);
  if (task.do === 'die') process.kill(process.pid, 'SIGKILL');
  // The loop starts only once the id has been sent, because nothing is sent after that.
  if (task.do === 'tell-id-and-spin') return void process.send?.(process.pid, spin);
  if (task.do === 'tell-environment') return void process.send?.({ ...process.env });
  if (task.do === 'spin') spin();
  // A single allocation uses up the memory, so that V8 cannot end only this task.
  JSON.parse(`[${'[],'.repeat(8_000_000)}[]]`);
});
process.send?.('loaded');

function spin(): never {
  for (;;);
}
