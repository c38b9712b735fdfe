/**
 * The format of an API key: `tp_live_<key id>_<secret>_<checksum>`. The prefix lets secret scanners find a leaked key.
 * The checksum distinguishes a mistyped key from a wrong one without a lookup; it does not prove who issued the key.
 */
import { checksumOf, toBase62 } from './base62.ts';

const PREFIX = 'tp_live';
const KEY_ID_LENGTH = 10;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const KEY = new RegExp(
  `^(${PREFIX}_([0-9A-Za-z]{${KEY_ID_LENGTH}})_[0-9A-Za-z]{${SECRET_LENGTH}})_([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

/**
 * How many random bytes each part is made of: the key id identifies the key, the 256 bits of the secret prove its
 * possession.
 */
export const apiKeyBytes = { keyId: 7, secret: 32 } as const;

/** The bytes come from the caller's cryptographic random source, because this package does no I/O. */
export function formatApiKey(random: { keyId: Uint8Array; secret: Uint8Array }): { keyId: string; key: string } {
  if (random.keyId.length !== apiKeyBytes.keyId || random.secret.length !== apiKeyBytes.secret) {
    throw new RangeError('an API key consists of 7 bytes for its id and 32 for its secret');
  }
  const keyId = toBase62(random.keyId, KEY_ID_LENGTH);
  const body = `${PREFIX}_${keyId}_${toBase62(random.secret, SECRET_LENGTH)}`;
  return { keyId, key: `${body}_${checksumOf(body)}` };
}

/** Returns undefined if the text cannot be an API key. Whether the key is valid is decided by its record. */
export function parseApiKey(text: string): { keyId: string } | undefined {
  const [, body = '', keyId = '', found] = KEY.exec(text) ?? [];
  return found !== undefined && checksumOf(body) === found ? { keyId } : undefined;
}

/** The part of a text at the position of a key's id. The text need not be an API key. */
export function keyIdAt(text: string): string {
  return text.slice(PREFIX.length + 1, PREFIX.length + 1 + KEY_ID_LENGTH);
}

/** Also true for a mistyped key, or for a part of one. */
export function isMeantAsApiKey(text: string): boolean {
  return text.startsWith(`${PREFIX}_`);
}
