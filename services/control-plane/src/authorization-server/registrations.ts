import type { IncomingMessage } from 'node:http';
import { AppError } from '@toolplane/contracts';
import type { ClientAddress } from '@toolplane/service-kit';
import { createAddressLimit } from '../access/address-limit.ts';
import type { Database } from '../database/database.ts';
import { countClients } from './store.ts';

/** Limit per address. A client registers once. */
const PER_MINUTE = 20;
const CLIENTS_MAX = 10_000;

export type Registrations = {
  /** Throws `rate_limited`: anybody may register, so the number of stored clients is bounded. */
  admit(req: IncomingMessage): Promise<void>;
};

export function createRegistrations({
  database,
  addressOf,
}: {
  database: Database;
  addressOf: ClientAddress;
}): Registrations {
  const limit = createAddressLimit({ points: PER_MINUTE });
  return {
    async admit(req) {
      if (!(await limit.take(addressOf(req))) || (await database.asPlatform(countClients)) >= CLIENTS_MAX) {
        throw new AppError('rate_limited', 'Too many clients are registering; try again later');
      }
    },
  };
}
