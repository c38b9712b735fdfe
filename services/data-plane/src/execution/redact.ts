import type { Json } from '@toolplane/contracts';
import type { SecretValue } from '@toolplane/service-kit';
import { REDACTABLE_LENGTH_MIN } from '../secrets/redactable.ts';

export type RedactedValue = { name: string; forms: readonly string[] };

export type Redactor = {
  redactText(text: string): string;
  redact(value: Json): Json;
};

/** Replaces known values wherever they stand, as they are or in a form in which an upstream may echo them. */
export function createRedactor(values: readonly RedactedValue[]): Redactor {
  // The longest first, so that a form that holds another is replaced as a whole.
  const masks = values
    .flatMap(({ name, forms }) => forms.map((form) => ({ form, mask: `[secret:${name}]` })))
    .sort((one, other) => other.form.length - one.form.length);
  const lengthMin = masks.at(-1)?.form.length ?? Number.POSITIVE_INFINITY;

  function redactText(text: string): string {
    if (text.length < lengthMin) return text;
    let redacted = text;
    for (const { form, mask } of masks) {
      if (redacted.includes(form)) redacted = redacted.replaceAll(form, () => mask);
    }
    return LINE_BREAK.test(redacted) ? redactLines(redacted) : redacted;
  }

  /** Base64 and hex are written in lines of any length. */
  function redactLines(text: string): string {
    let redacted = text;
    const joined = text.replaceAll(LINE_BREAKS, '');
    for (const { form, mask } of masks) {
      if (joined.includes(form) && BASE64.test(form)) redacted = redacted.replaceAll(inLines(form), () => mask);
    }
    return redacted;
  }

  function redact(value: Json): Json {
    if (typeof value === 'string') return redactText(value);
    if (typeof value === 'number') {
      const text = String(value);
      const redacted = redactText(text);
      return redacted === text ? value : redacted;
    }
    if (Array.isArray(value)) return value.map(redact);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [redactText(key), redact(member)]));
  }

  return masks.length === 0 ? { redactText: (text) => text, redact: (value) => value } : { redactText, redact };
}

const BASE64 = /^[\w+/-]+$/;
/** As it is, or as JSON writes it. */
const LINE_BREAK = /(?:\r?\n|(?:\\r)?\\n)[ \t]*/;
const LINE_BREAKS = new RegExp(LINE_BREAK, 'g');

/** Slow to make and to look for, so only for what is known to be there. */
function inLines(form: string): RegExp {
  const chars = [...form].map((char) => (char === '+' ? '\\+' : char));
  return new RegExp(chars.join(`(?:${LINE_BREAK.source})?`), 'g');
}

/**
 * The value itself and what it looks like percent-encoded, as a form field, in JSON, in JSON inside JSON, with escapes,
 * in HTML, in hex, in base64 (at each of the three positions it can have in a longer text, as in `Basic …`) and as the
 * URL that it may be.
 */
export function formsOf(value: string): string[] {
  if (value.length < REDACTABLE_LENGTH_MIN) return [];
  const forms = [
    value,
    ...percentForms(value),
    ...jsonForms(value),
    ...htmlForms(value),
    ...binaryForms(value),
    ...urlForms(value),
  ];
  return [...new Set(forms)].filter((form) => form.length >= REDACTABLE_LENGTH_MIN);
}

/**
 * Also of what stands behind the colon in `user:password` and `client_id:client_secret`. Made once per stored value,
 * because the cache hands out the same object until it reads anew.
 */
export function formsOfSecret(secret: SecretValue): string[] {
  const known = formsOfSecrets.get(secret);
  if (known !== undefined) return known;
  const value = secret.reveal();
  const [, password = ''] = /^[^:/\s]+:(?!\/\/)(.*)$/s.exec(value) ?? [];
  const forms = [...new Set([...formsOf(value), ...formsOf(password)])];
  formsOfSecrets.set(secret, forms);
  return forms;
}

const formsOfSecrets = new WeakMap<SecretValue, string[]>();

function percentForms(value: string): string[] {
  const text = value.toWellFormed();
  const component = encodeURIComponent(text);
  const strict = component.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const inUrl = component.replaceAll("'", '%27');
  const form = new URLSearchParams([['', text]]).toString().slice(1);
  // As writers of paths have it, which leave the slash.
  const inPath = component.replaceAll('%2F', '/');
  const forms = [component, strict, inUrl, inPath, form, component.replaceAll('%20', '+'), encodeURI(text)];
  return [...forms, ...forms.map((encoded) => encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()))];
}

/** A value that is a URL comes back as parsers write it: its host in lower case, without the usual port. */
function urlForms(value: string): string[] {
  const href = URL.parse(value)?.href;
  return href === undefined ? [] : [href, href.replace(/\/$/, '')];
}

/** JSON writers differ in what they escape: only what they must, all that is not ASCII, what HTML would read. */
function jsonForms(value: string): string[] {
  const plain = escapeJson(value);
  const escaped = [/[^ -~]/g, /[<>&]/g, /[<>&'+]|[^ -~]/g].flatMap((chars) => [
    plain.replace(chars, (char) => `\\u${hexCode(char)}`),
    plain.replace(chars, (char) => `\\u${hexCode(char).toUpperCase()}`),
  ]);
  const forms = [plain, plain.replaceAll('/', '\\/'), ...escaped];
  return [...forms, ...forms.map(escapeJson)];
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function hexCode(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(4, '0');
}

function htmlForms(value: string): string[] {
  const escaped = (quote: string, apostrophe: string) =>
    value
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', quote)
      .replaceAll("'", apostrophe);
  return [escaped('&quot;', '&#39;'), escaped('&quot;', '&#x27;'), escaped('&#34;', '&#39;'), escaped('"', "'")];
}

function binaryForms(value: string): string[] {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // Only the characters that hold no bit of a neighbour.
    const core = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [hex, hex.toUpperCase(), ...base64];
}
