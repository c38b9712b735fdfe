import type { Json } from '@toolplane/contracts';
import { escapeText } from '@toolplane/expressions';
import type { SecretValue } from '@toolplane/service-kit';
import { formEncode } from '../egress/form-encode.ts';
import { REDACTABLE_LENGTH_MIN } from '../secrets/redactable.ts';
import { isCredentialName } from './credential-names.ts';
import { percentEncode, quoteEncode, reservedEncoders } from './requests/percent-encode.ts';

/** Of the value, and of the value without the spaces around it, which HTTP takes away from a header. */
export function formsOf(value: string): string[] {
  return [...new Set([value, value.trim()].flatMap(formsOfText))];
}

/**
 * The value itself and its forms in our requests: percent-encoded, in JSON, in JSON inside JSON, with escapes, in XML
 * and HTML, in hex, in base64 (at each of the three positions it can have in a longer text, as in `Basic …`),
 * percent-encoded or in base64 after all that requests do, as the URL that it may be, as the name of a header, as the
 * number that it may be, and all of that in another charset. Each is searched for in every output; a value of letters
 * and digits has only a few.
 */
function formsOfText(value: string): string[] {
  if (value.length < REDACTABLE_LENGTH_MIN) return [];
  const sent = new Set([value, ...sentForms(value)]);
  const forms = new Set([
    ...sent,
    // A list or an object may be written as JSON first.
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
 * Also covers what follows the colon in `user:password` and `client_id:client_secret`, and what follows the scheme of a
 * value that is a whole header (`Bearer …`), and what a value that is JSON names as a credential: an upstream that
 * returns it as it was sent has it parsed. Made once per stored value, because the cache returns the same object until
 * it reads again.
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

/** A service account, for example, has its private key in a document with much that is not secret. */
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
    // It is a text like any other.
  }
  return found;
}

/** By every encoder that a value passes on its way out. */
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

/** Parsing a URL encodes one more character. */
function inQuery(encoded: string): string {
  return encoded.replaceAll("'", '%27');
}

/** As others write it. */
function percentForms(value: string): string[] {
  const text = value.toWellFormed();
  const component = encodeURIComponent(text);
  // Writers of paths leave the slash as it is.
  const written = [component, component.replaceAll('%2F', '/'), component.replaceAll('%20', '+'), encodeURI(text)];
  const forms = [...written, ...sentForms(value)];
  return [...forms, ...forms.map((encoded) => encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase()))];
}

/** A value that is a URL comes back as parsers write it: its host in lower case, without the default port. */
function urlForms(value: string): string[] {
  const href = URL.parse(value)?.href;
  return href === undefined ? [] : [href, href.replace(/\/$/, '')];
}

const NOT_ASCII = /[^\0-\x7f]/;

/** Its bytes read in the wrong one of the two charsets of the web, like everything in a header that is not ASCII. */
function misreadForms(form: string): string[] {
  if (!NOT_ASCII.test(form)) return [];
  return [Buffer.from(form).toString('latin1'), Buffer.from(form, 'latin1').toString()];
}

/**
 * JSON writers differ in what they escape: only what they must, everything that is not ASCII, or what HTML would
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
 * Writers differ in the names they use for quotes, in whether they use names at all, and in whether they use numbers
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

/** As it is, for URLs, and percent-encoded. */
function base64Forms(value: string): string[] {
  const bytes = Buffer.from(value);
  // On its own it extends to its end, which contains the last character.
  const whole = bytes.length % 3 === 0 ? [] : [bytes.toString('base64'), bytes.toString('base64url')];
  const inside = [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // Only the characters that hold no bit of a neighbour.
    const core = encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [core, core.replaceAll('+', '-').replaceAll('/', '_'), percentEncode(core)];
  });
  return [...whole, ...inside];
}
