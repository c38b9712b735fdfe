/** Words that end the name of a credential, as in `access_token`, `clientSecret`, `X-Amz-Signature`. */
const CREDENTIAL_WORDS = new Set([
  'password',
  'passwd',
  'pwd',
  'pass',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'jwt',
  'apikey',
  'assertion',
  'authorization',
  'auth',
  'credential',
  'credentials',
  'signature',
  'sig',
  'cookie',
  'otp',
  'pin',
  'cvv',
  'cvc',
]);
/** Two last words that name a credential, as in `api_key` and `sessionId`. */
const CREDENTIAL_PAIRS = new Set(['api key', 'access key', 'private key', 'secret key', 'auth key', 'session id']);
/** Words before `token` in names that are not credentials: such a token says where an answer continues. */
const CURSOR_WORDS = new Set(['page', 'next', 'previous', 'prev', 'continuation', 'cursor', 'sync', 'resume']);

/**
 * Returns whether a value with this name is hidden from everybody, whatever the value is. This is a guess on the safe
 * side: values that a document declares as secrets are masked by their value.
 */
export function isCredentialName(name: string): boolean {
  const words = wordsOf(name);
  const [before = '', last = ''] = [words.at(-2), words.at(-1)];
  if (CREDENTIAL_PAIRS.has(`${before} ${last}`)) return true;
  return CREDENTIAL_WORDS.has(last) && !(last === 'token' && CURSOR_WORDS.has(before));
}

/** In a URL, a parameter named only `key` is an API key. */
export function isCredentialParameter(name: string): boolean {
  return name.toLowerCase() === 'key' || isCredentialName(name);
}

const LENGTH_MAX = 200;

function wordsOf(name: string): string[] {
  return name
    .slice(-LENGTH_MAX)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
