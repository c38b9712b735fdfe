import type { HoldWrites } from './hold-writes.ts';

/**
 * Sends what is asked for in one go of the event loop as one command: under load the cost of a command is shared by
 * many calls, and a lone call does not wait. `run` answers in the order of its items.
 */
export function createMicroBatch<Item, Result>(
  holdWrites: HoldWrites,
  run: (items: Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  type Entry = { item: Item; resolve: (result: Result) => void; reject: (reason: unknown) => void };
  let waiting: Entry[] = [];

  function flush(): void {
    const batch = waiting;
    waiting = [];
    run(batch.map((entry) => entry.item)).then(
      (results) => {
        for (const [index, entry] of batch.entries()) entry.resolve(results[index] as Result);
      },
      (reason) => {
        for (const entry of batch) entry.reject(reason);
      },
    );
  }

  return (item) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ item, resolve, reject }) > 1) return;
      holdWrites();
      queueMicrotask(flush);
    });
}
