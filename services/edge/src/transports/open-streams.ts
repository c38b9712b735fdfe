import { AppError } from '@toolplane/contracts';

export type OpenStreams = {
  /** Takes a place for a long stream of `holder`; gives how to give it back. Throws `rate_limited`. */
  take(holder: string): () => void;
  count(): number;
};

/** Streams cost memory while nothing happens on them, so each holder has only so many, and so has the edge. */
export function limitOpenStreams({
  perPrincipalMax,
  totalMax,
}: {
  perPrincipalMax: number;
  totalMax: number;
}): OpenStreams {
  const counts = new Map<string, number>();
  let total = 0;
  return {
    count: () => total,
    take(holder) {
      const count = counts.get(holder) ?? 0;
      if (count >= perPrincipalMax || total >= totalMax) {
        throw new AppError('rate_limited', `At most ${perPrincipalMax} streams may be open at once; close one`);
      }
      counts.set(holder, count + 1);
      total += 1;
      let isTaken = true;
      return () => {
        if (!isTaken) return;
        isTaken = false;
        total -= 1;
        const left = (counts.get(holder) ?? 1) - 1;
        if (left === 0) counts.delete(holder);
        else counts.set(holder, left);
      };
    },
  };
}
