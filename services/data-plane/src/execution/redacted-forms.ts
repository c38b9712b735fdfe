import type { Json } from '@toolplane/contracts';
import { escapeText } from '@toolplane/expressions';
import type { SecretValue } from '@toolplane/service-kit';
import { formEncode } from '../egress/form-encode.ts';
import { isCredentialName } from './credential-names.ts';
import { percentEncode, quoteEncode, reservedEncoders } from './requests/percent-encode.ts';

/** Shorter values cannot be distinguished from ordinary text, so they are not redacted. */
export const REDACTABLE_LENGTH_MIN = 8;

/**
 * Returns the forms of the value, and those of the value without the surrounding spaces, which HTTP removes from a
 * header.
 */
export function formsOf(value: string): string[] {
  return [...new Set([value, value.trim()].flatMap(formsOfText))];
}

/**
 * Returns the value itself and the forms that it may have in our requests: percent-encoded, in JSON, in JSON inside
 * JSON, with escapes, in XML and HTML, in hex, in base64 (at each of the three positions it can have in a longer text,
 * as in `Basic …`), percent-encoded or in base64 after every other encoding of a request, as a parsed URL, as the name
 * of a header, as a number, and all of these in another charset. Every output is searched for each of these forms; a
 * value of letters and digits has only a few.
 */
function formsOfText(value: string): string[] {
  if (value.length < REDACTABLE_LENGTH_MIN) return [];
  const sent = new Set([value, ...sentForms(value)]);
  const forms = new Set([
    ...sent,
    // A list or an object may be written as JSON before it is encoded.
    ...sentForms(escapeJson(value)),
    ...percentForms(value),
    ...jsonForms(value),
    ...markupForms(value),
    ...urlForms(value),
    value.toLowerCase(),
    ...(DIGITS.test(value) ? [String(Number(value))] : []),
    ...hexForms(value),
    ...[...sent].flatMap((text) => [percentEncode(text), formEncode(text), ...base64Forms(text)]),
  ]);
  const read = new Set([...forms].flatMap((form) => [form, ...misreadForms(form)]));
  return [...read].filter((form) => form.length >= REDACTABLE_LENGTH_MIN);
}

/**
 * Also covers the part after the colon in `user:password` and `client_id:client_secret`, the part after the scheme of a
 * value that is a whole header (`Bearer …`), and the members of a JSON value whose names suggest credentials: an
 * upstream that echoes the value may have parsed it. The forms are computed once per stored value, because the cache
 * returns the same object until it reads the store again.
 */
export function formsOfSecret(secret: SecretValue): string[] {
  const known = formsOfSecrets.get(secret);
  if (known !== undefined) return known;
  const value = secret.reveal();
  const [, password = ''] = /^[^:/\s]+:(?!\/\/)(.*)$/s.exec(value) ?? [];
  const [, credentials = ''] = /^[A-Za-z]+ (\S+)$/.exec(value) ?? [];
  const forms = [...new Set([value, password, credentials, ...credentialsIn(value)].flatMap(formsOf))];
  formsOfSecrets.set(secret, forms);
  return forms;
}

const formsOfSecrets = new WeakMap<SecretValue, string[]>();

const DIGITS = /^\d+$/;

/** A service account, for example, has its private key in a JSON document, most of which is not secret. */
function credentialsIn(value: string): string[] {
  if (!/^\s*[[{]/.test(value)) return [];
  const found: string[] = [];
  const visit = (name: string, member: Json) => {
    if (typeof member === 'string' && isCredentialName(name)) found.push(member);
    return member;
  };
  try {
    JSON.parse(value, visit);
  } catch {
    // The value is not JSON: it has no members to search.
  }
  return found;
}

/** Returns the value as written by every encoder that it may pass in a request. */
function sentForms(value: string): string[] {
  const { query, querystring } = reservedEncoders;
  const encoders = [percentEncode, formEncode, quoteEncode, ...Object.values(reservedEncoders)];
  return [
    ...encoders.map((encode) => encode(value)),
    ...[encodeURIComponent, query, querystring].map((encode) => inQuery(encode(value.toWellFormed()))),
    escapeText(value, 'xml'),
    escapeText(value, 'cdata'),
    escapeJson(value),
  ];
}

/** Parsing a URL encodes the apostrophe in the query as well. */
function inQuery(encoded: string): string {
  return encoded.replaceAll("'", '%27');
}

/** Returns percent-encoded forms as other software writes them. */
function percentForms(value: string): string[] {
  const text = value.toWellFormed();
  const component = encodeURIComponent(text);
  // Encoders of paths leave the slash as it is.
  const written = [component, component.replaceAll('%2F', '/'), component.replaceAll('%20', '+'), encodeURI(text)];
  const forms = [...written, ...sentForms(value)];
  return [...forms, ...forms.map((encoded) => encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()))];
}

/**
 * Returns the forms in which parsers write a value that is a URL: with its host in lower case, and without the default
 * port.
 */
function urlForms(value: string): string[] {
  const href = URL.parse(value)?.href;
  return href === undefined ? [] : [href, href.replace(/\/$/, '')];
}

const NOT_ASCII = /[^\0-\x7f]/;

/**
 * Returns the form decoded with the wrong one of the two charsets of the web, as happens to everything in a header that
 * is not ASCII.
 */
function misreadForms(form: string): string[] {
  if (!NOT_ASCII.test(form)) return [];
  return [Buffer.from(form).toString('latin1'), Buffer.from(form, 'latin1').toString()];
}

/**
 * JSON encoders differ in what they escape: only what they must, everything that is not ASCII, or what HTML would
 * interpret.
 */
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

/**
 * Encoders differ in the names they use for quotes, in whether they use names at all, and in whether they use numbers
 * for characters that have names.
 */
function markupForms(value: string): string[] {
  const inText = value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const quotes = [
    ['"', "'"],
    ['&quot;', "'"],
    ['&quot;', '&apos;'],
    ['&quot;', '&#39;'],
    ['&quot;', '&#039;'],
    ['&quot;', '&#x27;'],
    ['&#34;', '&#39;'],
  ] as const;
  const numbered = (write: (code: number) => string) =>
    [/[&<>"']/g, /[&<>"']|[^ -~]/gu].map((chars) =>
      value.replace(chars, (char) => `&#${write(char.codePointAt(0) ?? 0)};`),
    );
  return [
    ...quotes.map(([quote, apostrophe]) => inText.replaceAll('"', quote).replaceAll("'", apostrophe)),
    ...numbered(String),
    ...numbered((code) => `x${code.toString(16)}`),
    ...numbered((code) => `x${code.toString(16).toUpperCase()}`),
  ];
}

function hexForms(value: string): string[] {
  const hex = Buffer.from(value).toString('hex');
  return [hex, hex.toUpperCase()];
}

/** Returns the base64 in its standard form, in the form for URLs, and percent-encoded. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value);
  // If the value stands on its own, its base64 extends to the end, which contains the last character.
  const whole = bytes.length % 3 === 0 ? [] : [bytes.toString('base64'), bytes.toString('base64url')];
  const inside = [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // Keeps only the characters that contain no bits of adjacent text.
    const core = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [core, core.replaceAll('+', '-').replaceAll('/', '_'), percentEncode(core)];
  });
  return [...whole, ...inside];
}
