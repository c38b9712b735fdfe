const AT_ONCE_MAX = 10;

/**
 * Runs `work` for each item, a few at a time, so that a large request delays nobody else. After a failure no further
 * item is begun. The first failure is thrown once everything that was begun has ended.
 */
export async function runConcurrently<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
  atOnceMax = AT_ONCE_MAX,
): Promise<void> {
  const left = items.values();
  const failures: unknown[] = [];
  const runItems = async () => {
    for (const item of left) {
      await work(item).catch((thrown: unknown) => failures.push(thrown));
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, runItems));
  if (failures.length > 0) throw failures[0];
}
