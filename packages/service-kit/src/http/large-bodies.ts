import { AppError } from '@toolplane/contracts';
import type { Request, Response } from 'express';
import { STUCK_MS_MAX } from './event-stream.ts';
import { BODY_BYTES_MAX } from './json-body.ts';

/** For routes that take documents; those that share one object share its places. */
export type LargeBodies<Principal> = {
  readonly bytesMax: number;
  /** Throws `config_unavailable` when no place is free for a body beyond the limit of other routes. */
  admit(req: Request, res: Response): void;
  /** As `parseJsonBody`, but away from the event loop. */
  parse(bytes: Buffer, principal: Principal): Promise<unknown>;
};

/** Each is held in memory until it is answered, so only `atOnceMax` are taken at a time. */
export function createLargeBodies<Principal>(options: {
  bytesMax: number;
  atOnceMax: number;
  stuckMsMax?: number;
  parse: LargeBodies<Principal>['parse'];
}): LargeBodies<Principal> {
  const { bytesMax, atOnceMax, stuckMsMax = STUCK_MS_MAX, parse } = options;
  let held = 0;
  return {
    bytesMax,
    parse,
    admit(req, res) {
      // One that does not say its length may be of any.
      if (Number(req.headers['content-length'] ?? bytesMax) <= BODY_BYTES_MAX) return;
      if (held >= atOnceMax)
        throw new AppError('config_unavailable', 'Too many large documents are being sent right now');
      held += 1;
      // Otherwise a client that does not take its answer would keep the place for as long as it likes.
      res.once('prefinish', () => res.setTimeout(stuckMsMax));
      res.once('close', () => {
        held -= 1;
      });
    },
  };
}
