import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '@toolplane/contracts';

/** The rule for peppers, as an error message of settings. */
export const PEPPERS_RULE = 'is one pepper, or several separated by single commas';

/**
 * The hex HMAC-SHA-256 of a whole API key. Keys are 256 random bits, so a slow hash would add nothing but cost; the
 * pepper makes a stolen table useless for checking guesses. If there are several comma-separated peppers, the first one
 * is used.
 */
export function hashApiKey(peppers: string, key: string): string {
  const [newest] = parsePeppers(peppers);
  return createHmac('sha256', newest).update(key).digest('hex');
}

/** Checks a key with every pepper: replaced peppers are kept while keys that were hashed with them are in use. */
export function isApiKey(peppers: string, key: string, hash: string): boolean {
  const expected = Buffer.from(hash, 'hex');
  return parsePeppers(peppers).some((pepper) => {
    const actual = createHmac('sha256', pepper).update(key).digest();
    return expected.length === actual.length && timingSafeEqual(expected, actual);
  });
}

/** An empty pepper would let everybody make hashes. */
export function arePeppers(text: string): boolean {
  return text.split(',').every((pepper) => pepper !== '');
}

export function parsePeppers(text: string): readonly [string, ...string[]] {
  const [newest = '', ...older] = text.split(',');
  if (arePeppers(text)) return [newest, ...older];
  throw new AppError('internal', `API_KEY_PEPPER ${PEPPERS_RULE}`);
}
