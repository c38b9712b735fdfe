import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import { type ClientAddress, siteNetworkOf } from '@toolplane/service-kit';
import type { Database } from '../platform/database/database.ts';
import { createAddressLimit } from '../platform/principals/address-limit.ts';
import { makeRoomForClient } from './store.ts';

/** Limits per address, and per network of addresses. A client needs to register only once. */
const PER_MINUTE = 20;
const NETWORK_PER_MINUTE = 60;
const CLIENTS_MAX = 10_000;
/** The maximum number of clients of one network that no person has consented to. */
const UNUSED_OF_NETWORK_MAX = 500;

export type Registrations = {
  /**
   * Anybody may register a client, so the number of stored clients is limited: a new client replaces an old one that no
   * person has consented to. Throws `rate_limited`.
   */
  admit(req: IncomingMessage): Promise<void>;
  /** The network of the request, which is stored with the client. */
  networkOf(req: IncomingMessage): string;
};

export function createRegistrations({
  database,
  addressOf,
  clientsMax = CLIENTS_MAX,
  unusedOfNetworkMax = UNUSED_OF_NETWORK_MAX,
}: {
  database: Database;
  addressOf: ClientAddress;
  clientsMax?: number;
  unusedOfNetworkMax?: number;
}): Registrations {
  const ofAddress = createAddressLimit({ points: PER_MINUTE });
  const ofNetwork = createAddressLimit({ points: NETWORK_PER_MINUTE, networkOf: siteNetworkOf });
  const networkOf = (req: IncomingMessage) => siteNetworkOf(addressOf(req));
  return {
    networkOf,
    async admit(req) {
      const address = addressOf(req);
      const isAdmitted = (await ofAddress.take(address)) && (await ofNetwork.take(address));
      const room = { network: networkOf(req), networkMax: unusedOfNetworkMax, max: clientsMax };
      if (!isAdmitted || !(await database.asPlatform((tx) => makeRoomForClient(tx, room)))) {
        throw new AppError('rate_limited', 'Too many clients are registering; try again later');
      }
    },
  };
}
