import { describe, expect, test } from '@jest/globals';
import type { Json } from '@toolplane/contracts';
import { SecretValue } from '@toolplane/service-kit';
import fc from 'fast-check';
import { createRedactor } from './redact.ts';
import { formsOf, formsOfSecret } from './redacted-forms.ts';

const VALUE = 'p@ss "w/rd"+&<x>=é~\'(1)!';
const TOKEN = 'sk_live_abcdef0123456789';

const redactor = createRedactor([
  { name: 'API_KEY', forms: formsOf(VALUE) },
  { name: 'TOKEN', forms: formsOf(TOKEN) },
]);

const base64 = (text: string) => Buffer.from(text).toString('base64');
const unicode = (text: string, pattern: RegExp, toCode: (hex: string) => string) =>
  text.replace(pattern, (char) => `\\u${toCode(char.charCodeAt(0).toString(16).padStart(4, '0'))}`);
const same = (hex: string) => hex;
const upper = (hex: string) => hex.toUpperCase();

describe('a secret that an upstream echoes is found in every form (T10, B110)', () => {
  test.each([
    ['raw', VALUE],
    ['inside a text', `Bearer ${VALUE}, thanks`],
    ['percent-encoded', encodeURIComponent(VALUE)],
    ['percent-encoded in lower case', encodeURIComponent(VALUE).replace(/%../g, (octet) => octet.toLowerCase())],
    [
      'percent-encoded strictly',
      encodeURIComponent(VALUE).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
    ],
    ['percent-encoded as a URL', encodeURI(VALUE)],
    ['percent-encoded as a path', encodeURIComponent(VALUE).replaceAll('%2F', '/')],
    ['percent-encoded in the query of a URL', new URL(`https://x.test/?a=${encodeURIComponent(VALUE)}`).search],
    ['form field', new URLSearchParams({ a: VALUE }).toString().slice(2)],
    ['form field with plus', encodeURIComponent(VALUE).replaceAll('%20', '+')],
    ['JSON', JSON.stringify({ a: VALUE })],
    ['JSON in JSON', JSON.stringify({ a: JSON.stringify({ a: VALUE }) })],
    ['JSON with escaped slashes', JSON.stringify(VALUE).replaceAll('/', '\\/')],
    ['JSON in ASCII', unicode(JSON.stringify(VALUE), /[^ -~]/g, same)],
    ['JSON in ASCII, upper case', unicode(JSON.stringify(VALUE), /[^ -~]/g, upper)],
    ['JSON for HTML', unicode(JSON.stringify(VALUE), /[<>&]/g, same)],
    ['JSON in ASCII and for HTML', unicode(JSON.stringify(VALUE), /[<>&'+]|[^ -~]/g, upper)],
    ['JSON in ASCII, in JSON', JSON.stringify(unicode(JSON.stringify(VALUE), /[^ -~]/g, same))],
    [
      'HTML',
      VALUE.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? '&#39;'),
    ],
    [
      'HTML, apostrophe in hex',
      VALUE.replace(/[&<>"']/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? '&#x27;'),
    ],
    ['UTF-8 that is read as Latin-1', Buffer.from(VALUE).toString('latin1')],
    ['Latin-1 that is read as UTF-8', Buffer.from(VALUE, 'latin1').toString()],
    ['hex', Buffer.from(VALUE).toString('hex')],
    ['hex in upper case', Buffer.from(VALUE).toString('hex').toUpperCase()],
    ['base64', base64(VALUE)],
    ['base64url', Buffer.from(VALUE).toString('base64url')],
    ['Basic credentials', `Basic ${base64(`user:${VALUE}`)}`],
    ['Basic credentials, shifted by one', `Basic ${base64(`users:${VALUE}`)}`],
    ['Basic credentials, shifted by two', `Basic ${base64(`user12:${VALUE}more`)}`],
    ['data URL', `data:text/plain;base64,${base64(`xy${VALUE}z`)}`],
  ])('%s', (_name, text) => {
    expect(redactor.redactText(text)).toContain('[secret:API_KEY]');
  });
});

describe('base64 in lines', () => {
  const encoded = base64(`some text before ${TOKEN} and after`);
  const fold = (width: number, end: string) => encoded.replace(new RegExp(`.{${width}}`, 'g'), `$&${end}`);

  test.each([
    [76, '\n'],
    [64, '\r\n'],
    [10, '\n'],
    [4, '\n  '],
    [1, '\n'],
    [10, '\\n'],
    [10, '\\r\\n'],
  ])('of %i characters is found, with the line breaks %j', (width, end) => {
    const redacted = redactor.redactText(`-----BEGIN-----${end}${fold(width, end)}${end}-----END-----`);
    expect(redacted).toContain('[secret:TOKEN]');
    expect(redacted).toMatch(/^-----BEGIN-----.*-----END-----$/s);
    expect(Buffer.from(redacted.replace(/\\[rn]/g, ''), 'base64').toString()).not.toContain('abcdef0123');
  });

  test('is also found for a token of three parts', () => {
    const jwt = ['{"alg":"none"}', '{"sub":"ann"}', 'signature'].map((part) => Buffer.from(part).toString('base64url'));
    const { redactText } = createRedactor([{ name: 'JWT', forms: formsOf(jwt.join('.')) }]);
    expect(redactText(`token:\n${jwt.join('.').replace(/.{16}/g, '$&\r\n')}!`)).toBe('token:\n[secret:JWT]!');
  });

  test('is also found as hex', () => {
    const hex = Buffer.from(TOKEN).toString('hex').replace(/.{16}/g, '$&\n');
    expect(redactor.redactText(hex)).toContain('[secret:TOKEN]');
  });

  test('takes time proportional to the length of the text', () => {
    const startMs = performance.now();
    for (const text of [
      'A\n'.repeat(2_000_000),
      '\n'.repeat(4_000_000),
      `${'A'.repeat(4_000_000)}\n`,
      ' \t'.repeat(2_000_000),
    ]) {
      expect(redactor.redactText(`\n${text}`)).toHaveLength(text.length + 1);
    }
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});

test.each(['https://hooks.example.com/T0/B0', 'https://hooks.example.com'])(
  'a secret that is a URL is found as parsers write it: %s',
  (written) => {
    const hook = written.replace('https://hooks.example.com', 'HTTPS://Hooks.Example.com:443');
    const { redactText } = createRedactor([{ name: 'HOOK', forms: formsOf(hook) }]);
    expect(redactText(`<${written}>`)).toBe('<[secret:HOOK]>');
  },
);

describe('a secret is found as it arrives (T49, T52)', () => {
  const mask = (secret: string, value: Json) =>
    createRedactor([{ name: 'X', forms: formsOfSecret(new SecretValue(secret)) }]).redact(value);

  test.each([' padded-secret-1', 'padded-secret-1 ', '\tpadded-secret-1  '])(
    'in a header, from which HTTP takes the spaces around it: %j',
    (secret) => expect(mask(secret, '<padded-secret-1>')).toBe('<[secret:X]>'),
  );

  test('in the name of a header, which arrives in lower case', () => {
    expect(mask('Mixed-Case-Secret', { 'x-mixed-case-secret': '1' })).toEqual({ 'x-[secret:X]': '1' });
  });

  test('as a number with more digits than a number has', () => {
    expect(mask('86753091234567890123', JSON.parse('[86753091234567890123e0]'))).toEqual(['[secret:X]']);
  });

  test('parsed, if it is JSON: what it names as a credential, and nothing else of it', () => {
    const account = { project: 'some-project-1', private_key: 'canary-private-key', keys: [{ token: 'canary-token' }] };
    expect(mask(JSON.stringify(account), account)).toEqual({
      project: 'some-project-1',
      private_key: '[secret:X]',
      keys: [{ token: '[secret:X]' }],
    });
  });
});

describe('redaction', () => {
  test('leaves the rest of a text unchanged and names the secret', () => {
    expect(redactor.redactText(`key ${TOKEN} and ${TOKEN}.`)).toBe('key [secret:TOKEN] and [secret:TOKEN].');
  });

  test('reaches keys, lists, nested objects and numbers', () => {
    const numeric = createRedactor([{ name: 'PIN', forms: formsOf('1234567890') }]);
    expect(numeric.redact({ a: [1234567890, 7, { '1234567890': ['x1234567890'] }], b: null, c: true })).toEqual({
      a: ['[secret:PIN]', 7, { '[secret:PIN]': ['x[secret:PIN]'] }],
      b: null,
      c: true,
    });
  });

  test('of a value that contains another leaves no remainder', () => {
    const nested = createRedactor([
      { name: 'SHORT', forms: formsOf('abcdefgh') },
      { name: 'LONG', forms: formsOf('abcdefgh-ijklmnop') },
    ]);
    expect(nested.redactText('abcdefgh-ijklmnop abcdefgh')).toBe('[secret:LONG] [secret:SHORT]');
  });

  test('does nothing for values under 8 characters', () => {
    expect(formsOf('1234567')).toEqual([]);
    const short = createRedactor([{ name: 'SHORT', forms: formsOf('a') }]);
    const value = { a: 'banana' };
    expect(short.redact(value)).toBe(value);
  });

  test('keeps object members with special names', () => {
    const value = JSON.parse('{"__proto__":{"a":1}}');
    expect(Object.keys(redactor.redact(value) as object)).toEqual(['__proto__']);
  });

  test('leaves no value at any position of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 8 }), fc.string(), fc.string(), (value, before, after) => {
        const { redactText } = createRedactor([{ name: 'X', forms: formsOf(value) }]);
        const encodings = [before + value + after, encodeURIComponent(value), JSON.stringify(before + value + after)];
        for (const text of encodings) expect(redactText(text)).toContain('[secret:X]');
        const bytes = Buffer.from(before + value + after).toString('base64');
        expect(redactText(bytes)).toContain('[secret:X]');
      }),
    );
  });
});
