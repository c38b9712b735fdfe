import { describe, expect, test } from '@jest/globals';
import { parseMessage } from './parse-message.ts';

const canary = 'canary_0123456789';

describe('a message either arrives as it was sent or not at all', () => {
  test.each([
    ['plain JSON', '{"a":[1,2.5,"x"]}', { a: [1, 2.5, 'x'] }],
    ['digits inside a string', '{"id":"12345678901234567890"}', { id: '12345678901234567890' }],
    ['the largest exact integer', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['a large float', '1e100', 1e100],
    ['negative zero', '-0', -0],
    ['a key that only looks dangerous', '{"constructor":"x"}', { constructor: 'x' }],
    ['a lone surrogate', '"\\ud800"', '\ud800'],
  ])('keeps %s', (_name, text, value) => {
    expect(parseMessage(text)).toEqual(value);
  });

  test.each([
    ['an empty body (B001)', '', -32700],
    ['a truncated body (B002)', `{"${canary}`, -32700],
    ['10 000 nested arrays (B006)', '['.repeat(10_000) + ']'.repeat(10_000), -32600],
    ['65 nested objects (B006)', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`, -32600],
    ['__proto__ (B012)', '{"arguments":{"__proto__":{"polluted":1}}}', -32600],
    ['an escaped __proto__ (B012)', '{"\\u005f_proto__":{"polluted":1}}', -32600],
    ['constructor.prototype (B012)', '{"constructor":{"prototype":{"polluted":1}}}', -32600],
    ['1e400 (B013)', '{"n":1e400}', -32600],
    ['an integer that would be rounded (B013)', '{"n":12345678901234567890}', -32600],
  ])('refuses %s without quoting it', (_name, text, rpcCode) => {
    let thrown: unknown;
    try {
      parseMessage(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ rpcCode });
    expect(String(thrown)).not.toContain(canary);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each<[string, string | number | null]>([
    ['{"id":42,"params":{"n":12345678901234567890}}', 42],
    ['{"id":"a","params":{"__proto__":1}}', 'a'],
    [`{"id":7,"params":${'['.repeat(65)}${']'.repeat(65)}}`, 7],
    ['{"id":12345678901234567890}', null],
    ['{"id":{},"params":{"__proto__":1}}', null],
  ])('names the request that it refuses: %s', (text, id) => {
    let thrown: unknown;
    try {
      parseMessage(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ rpcCode: -32600, id });
  });
});
