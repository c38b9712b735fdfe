/*
 * How organizations share something of which a fixed number exists: leases, slots of a worker. There are no fixed
 * parts, which would lie idle. An organization may have a multiple of what is left free, so a newcomer finds some free,
 * and the more organizations there are, the less each of them gets: one alone gets two thirds of all, two get two
 * fifths each (Choudhury and Hahne, "Dynamic queue length thresholds").
 */
import type { Routing } from './envelope.ts';

/** An organization of weight 1 may have this many times what is free. */
export const SHARE_OF_FREE = 2;

/** The weight of an organization for which none is set. */
export const WEIGHT = 1;

/** The organization in whose share something counts, and its weight. */
export type Share = { organization: string; weight: number };

/** The id of a lease begins with the organization, so that the id alone is enough to find the organization. */
export const leaseId = (organization: string, callId: string) => `${organization}/${callId}`;

/** Undefined if the lease is of an edge of the previous release, which knows no organizations. */
export const organizationOf = ({ id }: { id: string }): string | undefined =>
  id.includes('/') ? id.slice(0, id.lastIndexOf('/')) : undefined;

export function shareOf({ tenant, lease }: Pick<Routing, 'tenant' | 'lease'>): Share {
  return { organization: (lease && organizationOf(lease)) ?? tenant, weight: lease?.weight ?? WEIGHT };
}

/** Whether an organization may have `count` more. Its first one is refused only if none is free. */
export function mayHave(
  count: number,
  { held, free, weight }: { held: number; free: number; weight: number },
): boolean {
  if (count > free) return false;
  return held + count <= Math.max(SHARE_OF_FREE * weight * (free - count), 1);
}

export type Shares = {
  has(organization: string): boolean;
  mayTake(organization: string, count: number): boolean;
  /** Returns a function that releases it, to be called once. */
  take(share: Share): () => void;
  /** For each organization that has some: their number, divided by its weight. */
  loads(): Map<string, number>;
};

/** `max` is what an organization of weight 1 may have while it is alone. Half as many exist in addition, for others. */
export function createShares(max: number): Shares {
  const total = max + Math.ceil(max / SHARE_OF_FREE);
  const taken = new Map<string, { held: number; weight: number }>();
  let free = total;
  return {
    has: (organization) => taken.has(organization),
    mayTake(organization, count) {
      const { held, weight } = taken.get(organization) ?? { held: 0, weight: WEIGHT };
      return mayHave(count, { held, free, weight });
    },
    take({ organization, weight }) {
      const entry = taken.get(organization) ?? { held: 0, weight };
      taken.set(organization, entry);
      entry.held += 1;
      entry.weight = weight;
      free -= 1;
      return () => {
        free += 1;
        entry.held -= 1;
        if (entry.held === 0) taken.delete(organization);
      };
    },
    loads: () => new Map(Array.from(taken, ([organization, { held, weight }]) => [organization, held / weight])),
  };
}
