import { createHmac } from 'node:crypto';
import { canonicalJson, type Json } from '@toolplane/contracts';
import type { CallKeys } from './call-keys.ts';

/**
 * The HMAC-SHA-256, in base64url, of the canonical JSON. Equal requests have equal digests, and without the keys of the
 * edges nobody can find out by trial which request a digest belongs to. The digests change with the first key.
 */
export function createRequestDigest(keys: CallKeys): (request: Json) => string {
  const key = keys.derive(keys.sealingKid, 'approval-request', 'edge');
  if (key === undefined) throw new Error('the first key derives keys');
  return (request) => createHmac('sha256', key).update(canonicalJson(request)).digest('base64url');
}
