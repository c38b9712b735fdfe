import { AppError } from '@toolplane/contracts';
import express, { type Request, type Response } from 'express';

/** A deployment carries a document of up to 1 MiB and what it refers to. */
const BODY_BYTES_MAX = 2 * 1024 * 1024;

const readBytes = express.raw({ type: () => true, limit: BODY_BYTES_MAX, inflate: false });

/** Reads a JSON body without ever quoting it: the messages of `JSON.parse` would. */
export async function readJsonBody(req: Request, res: Response): Promise<unknown> {
  if (!isJson(req.headers['content-type'])) {
    throw new AppError('unsupported_media_type', 'The body must be sent as application/json in UTF-8');
  }
  await new Promise<void>((resolve, reject) => {
    readBytes(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
  // Nothing was sent: the schema then names what is missing.
  if (!Buffer.isBuffer(req.body)) return {};
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(req.body));
  } catch (error) {
    throw error instanceof AppError ? error : new AppError('invalid_request', 'The body is not valid JSON');
  }
}

/** Keys that reach for a prototype are refused, because any later copy of the object could follow them. */
function parseJson(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => {
    const reachesPrototype =
      key === '__proto__' ||
      (key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype'));
    if (reachesPrototype) throw new AppError('invalid_request', `The key ${key} is not allowed`);
    return value;
  });
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '');
}
