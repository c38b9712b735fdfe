const AT_ONCE_MAX = 10;

/**
 * Does the same for each item, a few at a time, so that a large request holds up nobody else. After a failure nothing
 * new is begun; the failure is thrown when everything that was begun has ended.
 */
export async function inTurns<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  atOnceMax = AT_ONCE_MAX,
): Promise<void> {
  const left = items.values();
  const failures: unknown[] = [];
  const takeTurns = async () => {
    for (const item of left) {
      await work(item).catch((thrown: unknown) => failures.push(thrown));
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, takeTurns));
  if (failures.length > 0) throw failures[0];
}
