import { AppError } from '@toolplane/contracts';
import { createHoldings } from '../callers/holdings.ts';

/** Is no holder. */
const EVERYBODY = '';

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
  const holdings = createHoldings();
  return {
    count: () => holdings.of(EVERYBODY),
    take(holder) {
      if (holdings.of(holder) >= perPrincipalMax || holdings.of(EVERYBODY) >= totalMax) {
        throw new AppError('rate_limited', `At most ${perPrincipalMax} streams may be open at once; close one`);
      }
      const taken = [holder, EVERYBODY].map(holdings.take);
      return () => {
        for (const giveBack of taken) giveBack();
      };
    },
  };
}
