import type { HoldWrites } from './hold-writes.ts';

/**
 * `onWritten` is called after `run` has started with the item, in the same event-loop turn: what `run` writes
 * synchronously is on its way.
 */
export type MicroBatch<Item, Result> = (item: Item, onWritten?: () => void) => Promise<Result>;

/**
 * Sends everything that is requested in one event-loop turn as one command. Under load, many calls share the cost of a
 * command, and a lone call does not wait, because nothing is sent before the end of the turn anyway. `run` returns
 * results in the order of its items.
 */
export function createMicroBatch<Item, Result>(
  holdWrites: HoldWrites,
  run: (items: Item[]) => Promise<readonly Result[]>,
): MicroBatch<Item, Result> {
  type Entry = {
    item: Item;
    onWritten: (() => void) | undefined;
    resolve: (result: Result) => void;
    reject: (reason: unknown) => void;
  };
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
    for (const { onWritten } of batch) onWritten?.();
  }

  return (item, onWritten) =>
    new Promise((resolve, reject) => {
      if (waiting.push({ item, onWritten, resolve, reject }) === 1) holdWrites(flush);
    });
}
