import { invalidParams } from '../protocol/mcp-error.ts';
import { IDEMPOTENCY_META_KEY } from '../protocol/protocol.ts';
import type { McpRequest } from './mcp-request.ts';

/** 1 to 255 visible ASCII characters. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Returns the idempotency key of a call, from `_meta` or from the header `Idempotency-Key`. */
export function readIdempotencyKey({ meta, headers, principal }: McpRequest): string | undefined {
  const ofMeta = meta[IDEMPOTENCY_META_KEY];
  const ofHeader = headers['idempotency-key'];
  // A client that sends null also wants protection but has not given a valid key, so null is refused below.
  const key = ofMeta === undefined ? ofHeader : ofMeta;
  if (key === undefined) return undefined;
  if (ofHeader !== undefined && key !== ofHeader)
    throw invalidParams('The request has two different idempotency keys; send only one');
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalidParams('An idempotency key must have 1 to 255 visible ASCII characters');
  }
  // All anonymous callers are one principal, so one caller would get another's results.
  if (principal.kind === 'anonymous') throw invalidParams('An idempotency key requires an API key in the same request');
  return key;
}
