import { AppError, type CredentialField, type SealedCredential } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';

/** What a key can look like. Anything else may be a value in the wrong place, so it is not repeated. */
const KEY = /^[a-z][a-z0-9_]{0,63}$/;

/** The values as texts. Whatever does not fit the descriptor is named, never quoted. */
export function readFields(
  value: SealedCredential['value'],
  fields: readonly CredentialField[],
): Map<string, SecretValue> {
  const declared = new Set(fields.map(({ key }) => key));
  const texts = new Map(Object.entries(value).map(([key, it]) => [key, String(it)]));
  const unknown = [...texts.keys()].filter((key) => !declared.has(key));
  const inexact = Object.entries(value).filter(([, it]) => Number.isInteger(it) && !Number.isSafeInteger(it));
  const missing = fields.filter(({ key, isRequired, default: preset }) => {
    return isRequired && preset === undefined && (texts.get(key) ?? '') === '';
  });
  const details = [
    ...unknown.map((key) => ({ path: pathOf(key), message: 'is no field of this authentication' })),
    ...inexact.map(([key]) => ({ path: pathOf(key), message: 'is too long for a number: send it as text' })),
    ...missing.map(({ key }) => ({ path: pathOf(key), message: 'is required' })),
  ];
  const [first] = details;
  if (first !== undefined) {
    throw new AppError('invalid_request', `The credentials do not fit: ${first.path} ${first.message}`, { details });
  }
  // An empty text is what a form sends for a field that was left out.
  return new Map([...texts].filter(([, text]) => text !== '').map(([key, text]) => [key, new SecretValue(text)]));
}

function pathOf(key: string): string {
  return KEY.test(key) ? `/value/${key}` : '/value/(a key that is none)';
}
