import { isJsonObject, type Json } from '@toolplane/contracts';

const WORDS =
  'token|passwords?|passwd|passphrase|passcode|pwd|secrets?|credentials?|bearer|api_?token|otp|pin|cvv|cvc|apikey';
const KEYS = 'api|access|private|secret|ssh|signing|encryption|auth';
const PASSES = 'user|db|database|login|auth|admin|root|smtp|ftp|my';

const NAME = new RegExp(`(?:^|_)(?:${WORDS}|(?:${KEYS})_?keys?|(?:${PASSES})_?pass)(?:_?(?:value|\\d+))?$`);

/** Names of tokens that grant no access. */
const HARMLESS = /(?:^|_)(?:page|next|sync|continuation|cancellation|cursor)_?token$/;

const LENGTH_MAX = 100;

/** Decides by the name of a property, its title or its format. */
export function looksLikeCredential(name: string, schema: Json | undefined): boolean {
  const { type, format, title } = isJsonObject(schema) ? schema : {};
  if (type === 'boolean') return false;
  return format === 'password' || isCredential(name) || (typeof title === 'string' && isCredential(title));
}

function isCredential(name: string): boolean {
  if (name.length > LENGTH_MAX) return false;
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/_+$/, '');
  return NAME.test(words) && !HARMLESS.test(words);
}
