import type { HoldWrites } from './hold-writes.ts';

/** `onWritten` is called when `run` has begun with the item, in the same turn: what it writes at once is on its way. */
export type MicroBatch<Item, Result> = (item: Item, onWritten?: () => void) => Promise<Result>;

/**
 * Sends what is asked for in one turn of the event loop as one command: under load the cost of a command is shared by
 * many calls, and a lone call does not wait, as nothing leaves before the end of the turn anyway. `run` answers in the
 * order of its items.
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
