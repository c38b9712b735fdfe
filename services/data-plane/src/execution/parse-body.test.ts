import { describe, expect, test } from '@jest/globals';
import { parseBody } from './parse-body.ts';

describe('a number in an answer arrives as it was sent', () => {
  test.each([
    ['an id of 20 digits, as text', '{"id":12345678901234567890}', { id: '12345678901234567890' }],
    ['a number out of range, as text', '[1e400]', ['1e400']],
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
    ['broken text, which is shown as far as possible', Buffer.from([0x61, 0xff]), 'text/plain', 'a\ufffd'],
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

describe('in Flower', () => {
  test('an empty body is null', () => {
    expect(parseBody(Buffer.from(''), 'application/json')).toBeNull();
  });

  test('JSON with another content type is text', () => {
    expect(parseBody(Buffer.from('{"a":1}'), 'text/plain')).toBe('{"a":1}');
  });
});

function parse(body: string | Buffer, contentType?: string) {
  return parseBody(Buffer.from(body), contentType, 'arazzo');
}

describe('what expressions see of a body in Arazzo', () => {
  test.each([
    ['JSON', '{"a":[1]}', 'application/json; charset=utf-8', { a: [1] }],
    ['JSON that is a scalar', '"x"', 'application/json', 'x'],
    ['any +json', '{"a":1}', 'application/problem+json', { a: 1 }],
    ['JSON without a content type', '{"a":1}', undefined, { a: 1 }],
    ['a number without a content type', '5', undefined, 5],
    ['text without a content type', 'hello', undefined, 'hello'],
    ['text', 'hello 5', 'text/plain', 'hello 5'],
    ['text that looks like a number', '5', 'text/plain', '5'],
    ['text in its charset', Buffer.from('é', 'latin1'), 'text/plain; charset=iso-8859-1', 'é'],
    ['XML', '<a>é</a>', 'application/xml', '<a>é</a>'],
    ['any +xml', '<a/>', 'application/atom+xml', '<a/>'],
    ['HTML', '<p>', 'text/html', '<p>'],
    ['a form', 'a=1', 'application/x-www-form-urlencoded', 'a=1'],
    ['lines of JSON', '{"a":1}\n{"a":2}', 'application/x-ndjson', '{"a":1}\n{"a":2}'],
  ])('%s', (_name, body, contentType, value) => {
    expect(parse(body, contentType)).toEqual(value);
  });

  test.each([
    ['an image', Buffer.from([0x89, 0x50, 0xff]), 'image/png', 'image/png'],
    ['bytes that would be text', Buffer.from('hello'), 'application/octet-stream', 'application/octet-stream'],
    ['no content type', Buffer.from([0xff]), undefined, 'application/octet-stream'],
    ['text that is not UTF-8', Buffer.from([0x61, 0xff]), 'Text/Plain; x=y', 'text/plain'],
    ['JSON that is not UTF-8', Buffer.from('{"a":"é"}', 'latin1'), 'application/json', 'application/json'],
    ['text in an unknown charset', Buffer.from('a'), 'text/plain; charset=klingon', 'text/plain'],
    ['bytes that begin like JSON', Buffer.from('{x'), 'application/pdf', 'application/pdf'],
  ])('bytes as a blob: %s', (_name, body, contentType, said) => {
    expect(parse(body, contentType)).toEqual({ blob: body.toString('base64'), contentType: said });
  });
});

test.each(['application/json', 'text/plain', 'image/png', undefined])('an empty body is absent: %s', (contentType) => {
  expect(parse('', contentType)).toBeUndefined();
});

describe('JSON with a wrong content type', () => {
  test.each([
    ['an object', ' \n{"a":1}', 'text/html', { a: 1 }],
    ['a list', '[1]', 'application/octet-stream', [1]],
    ['after a byte order mark', '\ufeff[1]', 'text/plain', [1]],
  ])('is parsed: %s', (_name, body, contentType, value) => {
    expect(parse(body, contentType)).toEqual(value);
  });

  test.each(['"x"', 'null', 'true', '7', '{a', '[not'])(
    'is text when it does not begin like JSON or is not JSON: %s',
    (body) => {
      expect(parse(body, 'text/plain')).toBe(body);
    },
  );
});

test.each(['{"a":', 'hello', '<html>', "{'a':1}"])('invalid JSON is text: %s', (body) => {
  expect(parse(body, 'application/json')).toBe(body);
});

test('JSON that is nested too deeply fails the step', () => {
  const failure = expect.objectContaining({ code: 'upstream_bad_response' });
  expect(() => parse('['.repeat(300) + ']'.repeat(300), 'text/plain')).toThrow(failure);
});

test('a number in an answer arrives as it was sent in Arazzo, too', () => {
  expect(parse('{"id":12345678901234567890}', 'application/json')).toEqual({ id: '12345678901234567890' });
});
