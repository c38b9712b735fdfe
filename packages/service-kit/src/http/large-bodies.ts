import { AppError } from '@toolplane/contracts';
import type { Request, Response } from 'express';
import { STUCK_MS_MAX } from './event-stream.ts';
import { BODY_BYTES_MAX } from './json-body.ts';

/** For routes that take documents; those that share one object share its places. */
export type LargeBodies<Principal> = {
  readonly bytesMax: number;
  /**
   * For a body beyond the limit of other routes: throws `config_unavailable` when no place is free, and `rate_limited`
   * when whoever sends it has all the places that one may have.
   */
  admit(req: Request, res: Response, principal: Principal): void;
  /** As `parseJsonBody`, but away from the event loop. */
  parse(bytes: Buffer, principal: Principal): Promise<unknown>;
};

/** One holder leaves most places to others, however slowly it sends. */
const HOLDER_SHARE = 1 / 4;

/** Each is held in memory until it is answered, so only `atOnceMax` are taken at a time. */
export function createLargeBodies<Principal>(options: {
  bytesMax: number;
  atOnceMax: number;
  /** Whose places they are: a tenant, however many keys it has. */
  holderOf: (principal: Principal) => string;
  stuckMsMax?: number;
  parse: LargeBodies<Principal>['parse'];
}): LargeBodies<Principal> {
  const { bytesMax, atOnceMax, holderOf, stuckMsMax = STUCK_MS_MAX, parse } = options;
  const perHolderMax = Math.ceil(atOnceMax * HOLDER_SHARE);
  /** The holder of each place that is taken. */
  const held: string[] = [];
  return {
    bytesMax,
    parse,
    admit(req, res, principal) {
      // One that does not say its length may be of any.
      if (Number(req.headers['content-length'] ?? bytesMax) <= BODY_BYTES_MAX) return;
      if (held.length >= atOnceMax)
        throw new AppError('config_unavailable', 'Too many large documents are being sent right now');
      const holder = holderOf(principal);
      if (held.filter((one) => one === holder).length >= perHolderMax) {
        const message = `An organization may send ${perHolderMax} large documents at once; wait until one is answered`;
        throw new AppError('rate_limited', message);
      }
      held.push(holder);
      // Otherwise a client that does not take its answer would keep the place for as long as it likes.
      res.once('prefinish', () => res.setTimeout(stuckMsMax));
      res.once('close', () => {
        held.splice(held.indexOf(holder), 1);
      });
    },
  };
}
