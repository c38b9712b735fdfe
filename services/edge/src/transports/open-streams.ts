import { AppError } from '@toolplane/contracts';
import { networkOf } from '@toolplane/service-kit';
import { createHoldings } from '../callers/holdings.ts';
import { type Principal, streamHolderOf } from '../callers/principal.ts';

export type OpenStreams = {
  /** Takes a place for a long stream; returns the function that gives it back. Throws `rate_limited`. */
  take(principal: Principal, serverId: string): () => void;
  count(): number;
};

/** Callers without a key share those of a server; this part of them is for one address, across all servers. */
const NETWORK_SHARE = 1 / 4;

type Place = { holder: string; max: number };

/** Streams cost memory while nothing happens on them, so each holder has a limited number, and so has the edge. */
export function limitOpenStreams({
  perPrincipalMax,
  totalMax,
}: {
  perPrincipalMax: number;
  totalMax: number;
}): OpenStreams {
  const holdings = createHoldings();
  const everybody: Place = { holder: 'everybody', max: totalMax };

  function placesFor(principal: Principal, serverId: string): Place[] {
    const own = { holder: streamHolderOf(principal, serverId), max: perPrincipalMax };
    if (principal.kind !== 'anonymous' || principal.address === undefined) return [own, everybody];
    const network = `network ${networkOf(principal.address)}`;
    return [{ holder: network, max: Math.ceil(perPrincipalMax * NETWORK_SHARE) }, own, everybody];
  }

  return {
    count: () => holdings.of(everybody.holder),
    take(principal, serverId) {
      const places = placesFor(principal, serverId);
      const full = places.find(({ holder, max }) => holdings.of(holder) >= max);
      if (full !== undefined) {
        throw new AppError('rate_limited', `At most ${full.max} streams may be open at once; close one`);
      }
      const taken = places.map(({ holder }) => holdings.take(holder));
      return () => {
        for (const giveBack of taken) giveBack();
      };
    },
  };
}
