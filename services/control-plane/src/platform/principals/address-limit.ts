import { networkOf as networkOfSubscriber } from '@toolplane/service-kit';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/**
 * Limits what one address may do in a period, per process. An IPv6 address counts as its network, because a subscriber
 * has a whole network.
 */
export type AddressLimit = {
  /** Counts one use. Resolves to false if the address has exceeded its limit. */
  take(address: string): Promise<boolean>;
  /** Takes one counted use back. */
  giveBack(address: string): Promise<void>;
};

export function createAddressLimit({
  points,
  seconds = 60,
  networkOf = networkOfSubscriber,
}: {
  points: number;
  seconds?: number;
  /** Maps an address to the network that counts as one address. */
  networkOf?: (address: string) => string;
}): AddressLimit {
  const limiter = new RateLimiterMemory({ points, duration: seconds });
  return {
    take: (address) =>
      limiter.consume(networkOf(address)).then(
        () => true,
        () => false,
      ),
    async giveBack(address) {
      await limiter.reward(networkOf(address));
    },
  };
}
