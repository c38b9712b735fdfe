/*
 * How organizations share what there is a fixed number of: leases, slots of a worker. There are no fixed parts, which
 * would lie idle. An organization may have so many times as many as are left free, so whoever comes finds some free, and
 * the more organizations there are, the less each of them gets: alone two thirds of all, two organizations two fifths
 * each (Choudhury and Hahne, "Dynamic queue length thresholds").
 */
import type { Routing } from './envelope.ts';

/** This is for weight 1. */
export const SHARE_OF_FREE = 2;

/** An organization has this weight if no other is set for it. */
export const WEIGHT = 1;

/** Something counts in the share of this organization. */
export type Share = { organization: string; weight: number };

/** The id of a lease begins with the organization, for whoever knows only the id. */
export const leaseId = (organization: string, callId: string) => `${organization}/${callId}`;

/** It is undefined for an edge of the previous release, which knows no organizations. */
export const organizationOf = ({ id }: { id: string }): string | undefined =>
  id.includes('/') ? id.slice(0, id.lastIndexOf('/')) : undefined;

export function shareOf({ tenant, lease }: Pick<Routing, 'tenant' | 'lease'>): Share {
  return { organization: (lease && organizationOf(lease)) ?? tenant, weight: lease?.weight ?? WEIGHT };
}

/** Whether an organization may have `count` more. Its first is refused only where none is free. */
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
  /** Returns a function that gives it back, to be called once. */
  take(share: Share): () => void;
  /** Of each organization that has some: how many, for its weight. */
  loads(): Map<string, number>;
};

/** `max`: what an organization of weight 1 may have while it is alone. Half as many more are there for others. */
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
