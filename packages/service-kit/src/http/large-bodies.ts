import { AppError } from '@toolplane/contracts';
import type { Request, Response } from 'express';
import { STUCK_MS_MAX } from './event-stream.ts';

/** The limit of all other routes. */
export const BODY_BYTES_MAX = 2 * 1024 * 1024;

/** For routes that receive documents. Routes with the same object share its slots. */
export type LargeBodies<Principal> = {
  readonly bytesMax: number;
  /**
   * Called for every body, but counts only those beyond the limit of other routes. Throws `config_unavailable` if no
   * slot is free, and `rate_limited` if the sender already uses all slots that one holder may have.
   */
  admit(req: Request, res: Response, principal: Principal): void;
  /** Like `parseJsonBody`, but not on the event loop. */
  parse(bytes: Buffer, principal: Principal): Promise<unknown>;
};

/** One holder leaves most slots to others, however slowly it sends. */
const HOLDER_SHARE = 1 / 4;

/** Each body is held in memory until it is answered, so only `atOnceMax` are accepted at the same time. */
export function createLargeBodies<Principal>(options: {
  bytesMax: number;
  atOnceMax: number;
  /** Returns the tenant that holds the slot, regardless of how many keys it has. */
  holderOf: (principal: Principal) => string;
  stuckMsMax?: number;
  parse: LargeBodies<Principal>['parse'];
}): LargeBodies<Principal> {
  const { bytesMax, atOnceMax, holderOf, stuckMsMax = STUCK_MS_MAX, parse } = options;
  const perHolderMax = Math.ceil(atOnceMax * HOLDER_SHARE);
  /** The holder of each occupied slot. */
  const held: string[] = [];
  return {
    bytesMax,
    parse,
    admit(req, res, principal) {
      // A body without a declared length may have any length.
      if (Number(req.headers['content-length'] ?? bytesMax) <= BODY_BYTES_MAX) return;
      if (held.length >= atOnceMax)
        throw new AppError('config_unavailable', 'Too many large documents are being sent right now');
      const holder = holderOf(principal);
      if (held.filter((one) => one === holder).length >= perHolderMax) {
        const message = `An organization may send ${perHolderMax} large documents at once; wait until one is answered`;
        throw new AppError('rate_limited', message);
      }
      held.push(holder);
      // Otherwise, a client that does not read its answer could keep the slot forever.
      res.once('prefinish', () => res.setTimeout(stuckMsMax));
      res.once('close', () => {
        held.splice(held.indexOf(holder), 1);
      });
    },
  };
}
