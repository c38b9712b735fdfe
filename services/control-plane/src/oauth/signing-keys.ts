import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { AppError, type Issuer } from '@toolplane/contracts';
import { z } from 'zod';

type PublicKey = Issuer['jwks']['keys'][number];
export type SigningKeys = {
  /** The keys for the library: the first key signs, and all are published. */
  privateJwks: { keys: (PublicKey & { d: string })[] };
  publicKeys: PublicKey[];
};

const text = z.string().min(1).max(200);
const privateKeysSchema = z.object({
  keys: z
    .array(z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: text, y: text, d: text, kid: text }))
    .min(1)
    .max(10),
});

export const SIGNING_KEYS_RULE = 'is a JWKS of one to ten private P-256 keys, each with a different kid';

/** Returns undefined if the keys break `SIGNING_KEYS_RULE`. */
export function readSigningKeys(setting: string): SigningKeys | undefined {
  const { data } = privateKeysSchema.safeParse(parseJson(setting));
  if (data === undefined || new Set(data.keys.map(({ kid }) => kid)).size < data.keys.length) return undefined;
  if (!data.keys.every(isPair)) return undefined;
  const privateKeys = data.keys.map((key) => ({ ...key, ...USE }));
  return { privateJwks: { keys: privateKeys }, publicKeys: privateKeys.map(({ d: _private, ...key }) => key) };
}

export function parseSigningKeys(setting: string): SigningKeys {
  const keys = readSigningKeys(setting);
  if (keys === undefined) throw new AppError('internal', `OAUTH_SIGNING_KEYS ${SIGNING_KEYS_RULE}`);
  return keys;
}

const USE = { alg: 'ES256', use: 'sig' } as const;

/** The public half must match the private one, so that edges can verify what is signed with it. */
function isPair({ d, ...publicKey }: { kty: string; crv: string; x: string; y: string; d: string }): boolean {
  const probe = Buffer.from('probe');
  try {
    const signature = sign('sha256', probe, createPrivateKey({ key: { ...publicKey, d }, format: 'jwk' }));
    return verify('sha256', probe, createPublicKey({ key: publicKey, format: 'jwk' }), signature);
  } catch {
    return false;
  }
}

function parseJson(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return undefined;
  }
}
