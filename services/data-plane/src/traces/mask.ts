import type { Json } from '@toolplane/contracts';
import { isCredentialName, isCredentialParameter } from '../execution/credential-names.ts';
import { createRedactor, type Redactor } from '../execution/redact.ts';
import { formsOf } from '../execution/redacted-forms.ts';

export const MASKED = '[masked]';

/**
 * Removes everything that must not be shown to anybody who debugs: values that are known to be secret, and values whose
 * names suggest it.
 */
export type Mask = {
  value(value: Json): Json;
  text(text: string): string;
};

/** `redactor` is that of the run at this moment: a secret that is fetched later cannot appear in earlier values. */
export function createMask(redactor: Redactor, hidden: Redactor): Mask {
  const redactText = (text: string) => hidden.redactText(redactor.redactText(text));

  function byName(value: Json): Json {
    if (typeof value === 'string') return maskPairs(value);
    if (Array.isArray(value)) return value.map(byName);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, isCredentialName(name) ? cover(member) : byName(member)]),
    );
  }

  return {
    // Values are masked by their content first, which shows which secret it is.
    value: (value) => byName(hidden.redact(redactor.redact(value))),
    text: (text) => maskPairs(redactText(text)),
  };
}

/**
 * Masks inputs that are passwords, wherever they are sent. A password of a few characters is recognised only by its
 * name.
 */
export function createHiddenRedactor(values: readonly string[]): Redactor {
  return createRedactor(values.map((value) => ({ name: 'input', forms: formsOf(value) })));
}

/** Absence is not a secret: it may be shown whether a value exists. */
function cover(value: Json): Json {
  return value === null || typeof value === 'boolean' || value === '' ? value : MASKED;
}

/** Masks `name=value` of a URL or a form, parts of a multipart form, JSON inside a text, and elements of XML. */
function maskPairs(text: string): string {
  let masked = maskParts(text);
  if (masked.includes('=')) {
    masked = masked.replaceAll(PAIR, (whole, before: string, name: string) =>
      isCredentialParameter(decode(name)) ? `${before}${name}=${MASKED}` : whole,
    );
  }
  if (masked.includes('"')) {
    masked = masked.replaceAll(MEMBER, (whole, name: string, colon: string) =>
      isCredentialName(name) ? `"${name}"${colon}"${MASKED}"` : whole,
    );
  }
  if (masked.includes('</')) {
    masked = masked.replaceAll(ELEMENT, (whole, name: string, rest = '') =>
      isCredentialName(name) ? `<${name}${rest}>${MASKED}</` : whole,
    );
  }
  return masked;
}

/** The first line is the boundary, which precedes each part. */
function maskParts(text: string): string {
  const [boundary = ''] = text.split('\r\n', 1);
  if (!boundary.startsWith('--')) return text;
  return text.split(boundary).map(maskPart).join(boundary);
}

function maskPart(part: string): string {
  const headEnd = part.indexOf('\r\n\r\n');
  const [, name = ''] = /form-data; name="([^"\r\n]{1,200})"/.exec(part.slice(0, Math.max(headEnd, 0))) ?? [];
  return isCredentialName(decode(name)) ? `${part.slice(0, headEnd)}\r\n\r\n${MASKED}\r\n` : part;
}

const PAIR = /(^|[?&;\s])([^=&?;\s<>"']{1,200})=[^&\s<>"';#]+/g;
const MEMBER = /"([^"\\]{1,200})"(\s{0,9}:\s{0,9})(?:"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*)/g;
const ELEMENT = /<([\w:.-]{1,200})(\s[^<>]*)?>[^<]+<\//g;

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
