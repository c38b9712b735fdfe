import { AppError, type Manifest } from '@toolplane/contracts';
import { networkOf } from '@toolplane/service-kit';
import { WORKSPACE_SHARE } from '../callers/caller-limits.ts';
import { createHoldings } from '../callers/holdings.ts';
import { organizationOf, type Principal, streamHolderOf } from '../callers/principal.ts';

/** The server of a stream. */
type StreamServer = Pick<Manifest, 'serverId' | 'workspaceId' | 'organizationId'>;

export type OpenStreams = {
  /** Takes a slot for a long stream; returns the function that releases it. Throws `rate_limited`. */
  acquire(principal: Principal, server: StreamServer): () => void;
  count(): number;
};

/**
 * Callers without a key share the slots of a server. One address may use this share of them, counted across all
 * servers.
 */
const NETWORK_SHARE = 1 / 4;

type StreamSlot = { holder: string; max: number; whose: string };

/**
 * Streams use memory even when idle, so the number of streams is limited for each holder, for the workspace and the
 * organization of the server, and for the edge.
 */
export function limitOpenStreams({
  perPrincipalMax,
  perOrganizationMax,
  totalMax,
}: {
  perPrincipalMax: number;
  perOrganizationMax: number;
  totalMax: number;
}): OpenStreams {
  const holdings = createHoldings();
  const everybody: StreamSlot = { holder: 'everybody', max: totalMax, whose: 'at this edge' };

  function slotsFor(principal: Principal, server: StreamServer): StreamSlot[] {
    const { serverId, workspaceId } = server;
    const shared = [
      {
        holder: `workspace ${workspaceId}`,
        max: Math.ceil(perOrganizationMax * WORKSPACE_SHARE),
        whose: 'in one workspace',
      },
      { holder: `organization ${organizationOf(server)}`, max: perOrganizationMax, whose: 'in one organization' },
      everybody,
    ];
    const own = { holder: streamHolderOf(principal, serverId), max: perPrincipalMax, whose: 'of one caller' };
    if (principal.kind !== 'anonymous' || principal.address === undefined) return [own, ...shared];
    const network = {
      holder: `network ${networkOf(principal.address)}`,
      max: Math.ceil(perPrincipalMax * NETWORK_SHARE),
      whose: 'from one address without a key',
    };
    return [network, own, ...shared];
  }

  return {
    count: () => holdings.of(everybody.holder),
    acquire(principal, server) {
      const slots = slotsFor(principal, server);
      const full = slots.find(({ holder, max }) => holdings.of(holder) >= max);
      if (full !== undefined) {
        throw new AppError('rate_limited', `At most ${full.max} streams ${full.whose} may be open at once; close one`);
      }
      const acquired = slots.map(({ holder }) => holdings.acquire(holder));
      return () => {
        for (const release of acquired) release();
      };
    },
  };
}
