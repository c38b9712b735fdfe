import { describe, expect, test } from '@jest/globals';
import type { Json, PlanParameter, PlanRequest } from '@toolplane/contracts';
import { escapeText } from '@toolplane/expressions';
import fc from 'fast-check';
import { build, buildBody, parameterOf } from '../../../test/request.ts';
import { formEncode } from '../../egress/form-encode.ts';
import { createRedactor } from '../redact.ts';
import { formsOf } from '../redacted-forms.ts';
import type { BuiltRequest } from './build-request.ts';
import { percentEncode, quoteEncode, reservedEncoders } from './percent-encode.ts';

/*
 * An upstream may echo a secret as a request wrote it, or as part of something that it encodes itself. Therefore every
 * encoding that is added to requests must also be among the forms for which outputs are searched.
 */
const encoders: [string, (text: string) => string][] = [
  ['percent', percentEncode],
  ['form', formEncode],
  ['quoted', quoteEncode],
  ...Object.entries(reservedEncoders),
  ['xml', (text) => escapeText(text, 'xml')],
  ['cdata', (text) => escapeText(text, 'cdata')],
  ['form of a template', (text) => escapeText(text, 'form')],
  ['none', (text) => escapeText(text, undefined)],
];

const awkward = [...'+/=\'"%&<>#?:;@!$()*,[]|\\^`{}~ é😀', '%2B', '%zz', '&amp;', ']]>'];
const secrets = fc.string({
  unit: fc.oneof(fc.constantFrom(...awkward), fc.constantFrom(...'abcXYZ0189-_.')),
  minLength: 8,
});
const surroundings = fc.string({ unit: fc.constantFrom(...'abc '), maxLength: 3 });

function isFound(secret: string, text: string): boolean {
  return createRedactor([{ name: 'X', forms: formsOf(secret) }])
    .redactText(text)
    .includes('[secret:X]');
}

describe('every request encoding of a secret is among its forms', () => {
  test.each(encoders)('%s', (_name, encode) => {
    fc.assert(fc.property(secrets, (secret) => expect(formsOf(secret)).toContain(encode(secret))));
  });

  test.each(encoders)('%s, in base64 at any position of a text', (_name, encode) => {
    fc.assert(
      fc.property(secrets, surroundings, surroundings, (secret, before, after) => {
        const bytes = Buffer.from(before + encode(secret) + after);
        expect(isFound(secret, bytes.toString('base64'))).toBe(true);
        expect(isFound(secret, bytes.toString('base64url'))).toBe(true);
        expect(isFound(secret, percentEncode(bytes.toString('base64')))).toBe(true);
      }),
    );
  });

  test.each(encoders)('%s, percent-encoded or put in a form', (_name, encode) => {
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(formsOf(secret)).toContain(percentEncode(encode(secret)));
        expect(formsOf(secret)).toContain(formEncode(encode(secret)));
      }),
    );
  });
});

describe('a secret is found in a request that was built with it', () => {
  const places = fc
    .constantFrom<[PlanParameter['in'], PlanParameter['style'][]]>(
      ['path', ['simple', 'label', 'matrix']],
      ['query', ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject']],
      ['header', ['simple']],
      ['cookie', ['form']],
      ['querystring', ['form']],
    )
    .chain(([place, styles]) =>
      fc.record({
        place: fc.constant(place),
        rest: fc.record<Partial<PlanParameter>>(
          {
            style: fc.constantFrom(...styles),
            explode: fc.boolean(),
            allowReserved: fc.constant(true),
            isCredential: fc.constant(true),
            contentType: fc.constantFrom('text/plain', 'application/json'),
          },
          { requiredKeys: ['style', 'explode'] },
        ),
      }),
    );
  const values = fc.constantFrom<(text: string) => Json>(
    (text) => text,
    (text) => ['a', text],
    (text) => ({ a: text }),
  );
  const textOf = ({ url, headers, body = '' }: BuiltRequest) =>
    [url.href, ...Object.values(headers), body.toString()].join(' ');

  test('as a parameter, in any place and style', () => {
    fc.assert(
      fc.property(places, values, secrets, ({ place, rest }, toValue, secret) => {
        const built = build({ parameters: [parameterOf(place, 'a', toValue(secret), rest)] });
        expect(isFound(secret, textOf(built))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('in a body of any type, with its fields encoded in any way', () => {
    const encoding = fc.record<NonNullable<PlanRequest['fields']>[string]>(
      {
        style: fc.constantFrom('form', 'spaceDelimited', 'pipeDelimited', 'deepObject'),
        explode: fc.boolean(),
        allowReserved: fc.constant(true),
        contentType: fc.constantFrom('text/plain', 'application/json'),
      },
      { requiredKeys: [] },
    );
    const types = fc.constantFrom<PlanRequest['bodyType']>('json', 'form', 'multipart', 'text', undefined);
    fc.assert(
      fc.property(types, encoding, values, secrets, (bodyType, field, toValue, secret) => {
        const built = buildBody({ field: toValue(secret) }, { ...(bodyType && { bodyType }), fields: { field } });
        expect(isFound(secret, textOf(built))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('as the name of a file', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const built = buildBody({ file: { data: '', filename: secret } }, { bodyType: 'multipart' });
        expect(isFound(secret, textOf(built))).toBe(true);
      }),
    );
  });
});

test('a token of letters and digits has few forms', () => {
  expect(formsOf('sk_live_abcdef0123456789').length).toBeLessThanOrEqual(6);
});
