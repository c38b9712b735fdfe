import { AppError } from '@toolplane/contracts';
import express, { type Request, type Response } from 'express';
import { type BodyPace, watchPace } from './body-pace.ts';
import { BODY_BYTES_MAX, type LargeBodies } from './large-bodies.ts';
import { parseJsonBody } from './parse-json-body.ts';

/** Parsing this much takes some milliseconds. Larger bodies would block other requests. */
const SMALL_BYTES_MAX = 64 * 1024;

export type BodyReader<Principal> = (req: Request, res: Response, principal: Principal) => Promise<unknown>;

export function createBodyReader<Principal>(large?: LargeBodies<Principal>, pace?: BodyPace): BodyReader<Principal> {
  const readBytes = express.raw({ type: () => true, limit: large?.bytesMax ?? BODY_BYTES_MAX, inflate: false });

  return async (req, res, principal) => {
    // The schema then reports what is missing, if anything is.
    if (isEmpty(req)) return {};
    if (!isJson(req.headers['content-type'])) {
      throw new AppError('unsupported_media_type', 'The body must be sent as application/json in UTF-8');
    }
    // The events of the disconnection were emitted during authentication, so nothing would report it any more.
    if (req.destroyed) throw new AppError('cancelled', 'The client disconnected before its request was complete');
    large?.admit(req, res, principal);
    await new Promise<void>((resolve, reject) => {
      const stop = watchPace(req, reject, pace);
      readBytes(req, res, (error?: unknown) => {
        stop();
        if (error === undefined) resolve();
        else reject(error);
      });
    });
    const bytes: unknown = req.body;
    if (!Buffer.isBuffer(bytes) || bytes.length === 0) return {};
    return large === undefined || bytes.length <= SMALL_BYTES_MAX
      ? parseJsonBody(bytes)
      : large.parse(bytes, principal);
  };
}

function isEmpty({ headers }: Request): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '');
}
