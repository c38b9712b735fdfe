import { describe, expect, test } from '@jest/globals';
import { parseBody } from './parse-body.ts';

describe('a number of an answer arrives as it was sent', () => {
  test.each([
    ['an id of 20 digits, as text', '{"id":12345678901234567890}', { id: '12345678901234567890' }],
    ['a number beyond all, as text', '[1e400]', ['1e400']],
    ['the largest safe integer', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['a large integer that is exact', '9007199254740992', 2 ** 53],
    ['a fraction of many digits', '[0.12345678901234567]', [Number('0.12345678901234567')]],
    ['a large float', '[6.02e123]', [6.02e123]],
    ['digits in text', '{"id":"12345678901234567890"}', { id: '12345678901234567890' }],
  ])('%s', (_name, text, value) => {
    expect(parseBody(Buffer.from(text), 'application/json')).toEqual(value);
  });
});

describe('the charset that an answer names', () => {
  test.each([
    ['JSON in Latin-1', Buffer.from('{"a":"é"}', 'latin1'), 'application/json; charset=iso-8859-1', { a: 'é' }],
    ['text in UTF-16', Buffer.from('é', 'utf16le'), 'text/plain; charset="utf-16le"', 'é'],
    ['broken text, which is shown as far as it goes', Buffer.from([0x61, 0xff]), 'text/plain', 'a\ufffd'],
  ])('is used for %s', (_name, body, contentType, value) => {
    expect(parseBody(body, contentType)).toEqual(value);
  });

  test.each([
    ['JSON that is not UTF-8 (B109)', Buffer.from('{"a":"é"}', 'latin1'), 'application/json'],
    ['an unknown charset (B109)', Buffer.from('{}'), 'application/json; charset=klingon'],
  ])('fails the step for %s', (_name, body, contentType) => {
    expect(() => parseBody(body, contentType)).toThrow(expect.objectContaining({ code: 'upstream_bad_response' }));
  });
});
