import { networkOf as networkOfSubscriber } from '@toolplane/service-kit';
import { RateLimiterMemory } from 'rate-limiter-flexible';

/**
 * Limits what one address may do in a period, counted per process; for IPv6 it counts one network, because a subscriber
 * has all of it.
 */
export type AddressLimit = {
  /** Counts one more; false above the limit. */
  take(address: string): Promise<boolean>;
  /** Counts one less. */
  giveBack(address: string): Promise<void>;
};

export function createAddressLimit({
  points,
  seconds = 60,
  networkOf = networkOfSubscriber,
}: {
  points: number;
  seconds?: number;
  /** What counts as one address. */
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
