import { AppError, type CredentialField, type SealedCredential } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';

/** The format of a key. Anything else may be a misplaced value, so error messages do not repeat it. */
const KEY = /^[a-z][a-z0-9_]{0,63}$/;

/**
 * Returns the values as text. An error names the fields that do not match the descriptor and never quotes their values.
 */
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
    ...unknown.map((key) => ({ path: pathOf(key), message: 'is not a field of this authentication' })),
    ...inexact.map(([key]) => ({ path: pathOf(key), message: 'is too long to be exact as a number: send it as text' })),
    ...missing.map(({ key }) => ({ path: pathOf(key), message: 'is required' })),
    ...findMisfits(texts, fields),
  ];
  const [first] = details;
  if (first !== undefined) {
    throw new AppError('invalid_request', `The credentials are not valid: ${first.path} ${first.message}`, { details });
  }
  // A form sends an empty text for a field that was left out.
  return new Map([...texts].filter(([, text]) => text !== '').map(([key, text]) => [key, new SecretValue(text)]));
}

/** An empty value counts as left out. */
function findMisfits(texts: ReadonlyMap<string, string>, fields: readonly CredentialField[]) {
  return fields.flatMap((field) => {
    const text = texts.get(field.key) ?? '';
    const message = text === '' ? undefined : misfitOf(text, field);
    return message === undefined ? [] : [{ path: pathOf(field.key), message }];
  });
}

function misfitOf(text: string, { type, options }: CredentialField): string | undefined {
  switch (type) {
    case 'number':
      return NUMBER.test(text) ? undefined : 'is not a number';
    case 'boolean':
      return text === 'true' || text === 'false' ? undefined : 'is neither true nor false';
    case 'url':
      return HTTP_URL.test(text) && URL.canParse(text) ? undefined : 'is not an absolute http or https URL';
    case 'select':
      return options === undefined || options.includes(text)
        ? undefined
        : `is not one of: ${options.slice(0, OPTIONS_NAMED_MAX).join(', ')}`;
    default:
      return undefined;
  }
}

/** The maximum number of options that an error message lists; listing more helps nobody. */
const OPTIONS_NAMED_MAX = 20;
/** A number in JSON notation. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i;
const HTTP_URL = /^https?:\/\/\S+$/i;

function pathOf(key: string): string {
  return KEY.test(key) ? `/value/${key}` : '/value/(an invalid key)';
}
