/**
 * How an API key is written: `tp_live_<key id>_<secret>_<checksum>`. The prefix lets secret scanners find a leaked key,
 * the checksum tells a mistyped key from a wrong one without a look-up; it proves nothing about who wrote it.
 */

const PREFIX = 'tp_live';
const KEY_ID_LENGTH = 10;
const SECRET_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const KEY = new RegExp(
  `^(${PREFIX}_([0-9A-Za-z]{${KEY_ID_LENGTH}})_[0-9A-Za-z]{${SECRET_LENGTH}})_([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

/** How many random bytes each part is made of: the key id names, the 256 bits of the secret prove. */
export const apiKeyBytes = { keyId: 7, secret: 32 } as const;

/** The bytes come from the caller's cryptographic random source, because this package does no I/O. */
export function formatApiKey(random: { keyId: Uint8Array; secret: Uint8Array }): { keyId: string; key: string } {
  if (random.keyId.length !== apiKeyBytes.keyId || random.secret.length !== apiKeyBytes.secret) {
    throw new RangeError('an API key is made of 7 bytes for its id and 32 for its secret');
  }
  const keyId = toBase62(random.keyId, KEY_ID_LENGTH);
  const body = `${PREFIX}_${keyId}_${toBase62(random.secret, SECRET_LENGTH)}`;
  return { keyId, key: `${body}_${checksum(body)}` };
}

/** Undefined when the text cannot be an API key; whether it is a valid one is for the key's record to say. */
export function parseApiKey(text: string): { keyId: string } | undefined {
  const [, body = '', keyId = '', found] = KEY.exec(text) ?? [];
  return found !== undefined && checksum(body) === found ? { keyId } : undefined;
}

/** Perhaps a mistyped one, or a part of one. */
export function isMeantAsApiKey(text: string): boolean {
  return text.startsWith(`${PREFIX}_`);
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  while (text.length < CHECKSUM_LENGTH) {
    text = DIGITS.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

function toBase62(bytes: Uint8Array, length: number): string {
  let rest = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  let text = '';
  while (text.length < length) {
    text = DIGITS.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

/** CRC-32 of ISO 3309, as in zlib; of ASCII, and bit by bit, because a key has sixty characters. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
