import type { SecretValue } from '@toolplane/service-kit';
import { formEncode } from '../egress/form-encode.ts';

/** Public clients have no secret. */
export type TokenClient = { id: string; secret?: SecretValue };

/** Puts a client's id and secret into a request for a token (RFC 6749, 2.3.1): into a header or into the body. */
export function authenticateClient(
  { id, secret }: TokenClient,
  location: 'basic' | 'body',
): { headers: Record<string, string>; fields: Record<string, string> } {
  if (secret === undefined) return { headers: {}, fields: { client_id: id } };
  if (location === 'body') return { headers: {}, fields: { client_id: id, client_secret: secret.reveal() } };
  // Both halves are encoded like form fields, so that a colon in either of them is not ambiguous.
  const pair = [id, secret.reveal()].map(formEncode).join(':');
  return { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, fields: {} };
}
