/** Counts how many of something each holder has at the moment. A holder with none is not stored. */
export type Holdings = {
  of(holder: string): number;
  /** Returns the function that releases it. */
  acquire(holder: string): () => void;
};

export function createHoldings(): Holdings {
  const counts = new Map<string, number>();
  const of = (holder: string) => counts.get(holder) ?? 0;
  return {
    of,
    acquire(holder) {
      counts.set(holder, of(holder) + 1);
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        const left = of(holder) - 1;
        if (left === 0) counts.delete(holder);
        else counts.set(holder, left);
      };
    },
  };
}
